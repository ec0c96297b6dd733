package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
	"bellwire/internal/manual"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"

	"github.com/alecthomas/kong"
)

// completeCmd answers the completions of shells. It never fails: what is not
// known is not offered.
type completeCmd struct {
	Words []string `arg:"" optional:"" help:"What follows the program's name, up to the word to complete."`
}

const (
	// askLimit is how long somebody who pressed a key waits for a daemon.
	askLimit = 300 * time.Millisecond
	// offered is how many events are.
	offered = 30
)

func (c *completeCmd) Run(e *env, k *kong.Context) error {
	return manual.Complete(k.Model, c.Words, func(kind manual.Kind, dir string) []manual.Candidate {
		dirs, err := daemon.FindDirs(named(dir, e.dir))
		if err != nil {
			return nil
		}
		switch kind {
		case manual.Feeds:
			return offerFeeds(e.ctx, dirs)
		case manual.Events:
			return offerEvents(e.ctx, dirs)
		case manual.Presets:
			return offerPresets(dirs)
		case manual.Fields:
			return offerFields()
		}
		return nil
	}).Write(e.out)
}

// named is the folder that is meant by what stands behind --dir, as far as
// it can be told without a shell, or else the one of this command.
func named(dir, own string) string {
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if dir == "" {
		return own
	}
	return dir
}

func offerFeeds(ctx context.Context, dirs daemon.Dirs) (out []manual.Candidate) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	feeds, err := control.NewClient(dirs.Socket()).Feeds(ctx)
	if err != nil {
		return nil
	}
	for _, f := range feeds {
		out = append(out, manual.Candidate{Value: f.ID, About: f.Name})
	}
	return out
}

func offerEvents(ctx context.Context, dirs daemon.Dirs) (out []manual.Candidate) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	events, err := control.NewClient(dirs.Socket()).History(ctx, control.Query{Limit: offered})
	if err != nil {
		return nil
	}
	for _, ev := range events {
		out = append(out, manual.Candidate{Value: strconv.FormatInt(ev.Seq, 10), About: decode.Line(ev.Title, 60)})
	}
	return out
}

func offerPresets(dirs daemon.Dirs) (out []manual.Candidate) {
	set, err := daemon.Presets(dirs)
	if err != nil {
		return nil
	}
	for _, p := range set.All() {
		out = append(out, manual.Candidate{Value: p.Name, About: p.Title})
	}
	return out
}

// offerFields are the names of a mapping's fields, as its JSON has them.
func offerFields() (out []manual.Candidate) {
	t := reflect.TypeFor[subscriptions.Mapping]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			out = append(out, manual.Candidate{Value: name + "="})
		}
	}
	return out
}

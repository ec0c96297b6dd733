package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
	"bellwire/internal/doctor"
	"bellwire/storage"
	"bellwire/subscriptions"
)

type doctorCmd struct {
	JSON    bool `help:"Print one JSON object."`
	Offline bool `help:"Do not ask the servers of the feeds, each of which gets one small request without credentials otherwise."`
}

// Help is shown by kong.
func (c *doctorCmd) Help() string {
	return "Each line says ok, warn or fail, and below it what to do. Nothing is changed. It works without a running Bellwire, too. The exit code is 1 where something failed."
}

// errSick is a report with failures; they have been told.
var errSick = errors.New("something keeps Bellwire from working")

func (c *doctorCmd) Run(e *env) error {
	o := c.gather(e)
	r := doctor.Examine(e.ctx, o)
	if c.JSON {
		if err := writeJSON(e, r); err != nil {
			return err
		}
	} else {
		writeReport(e.out, r, isTerminal(e.out))
	}
	if r.Failures > 0 {
		return withHint(errSick, "Begin with %s, above: do what stands behind its →, then look again with: %s doctor", firstOf(r), o.Program)
	}
	return nil
}

// firstOf is the failure to begin with: one that is a failure of another only
// says so.
func firstOf(r doctor.Report) string {
	name := ""
	for _, f := range r.Findings {
		if f.Status != doctor.Fail {
			continue
		}
		if f.Do != "" && !strings.HasPrefix(f.Do, "See ") {
			return f.Name
		}
		name = cmp.Or(name, f.Name)
	}
	return name
}

// gather asks whoever runs, and else the database, what there is to look at.
func (c *doctorCmd) gather(e *env) doctor.Options {
	build, built := buildInfo()
	o := doctor.Options{
		Version: programVersion(), Build: build, Built: built,
		Data: e.dirs.Data, State: e.dirs.State, Runtime: e.dirs.Runtime,
		Database: e.dirs.Database(), Log: e.dirs.Log(), Socket: e.dirs.Socket(), Secrets: filepath.Join(e.dirs.Data, "secrets.json"),
		Server: !hasWindow, Offline: c.Offline, Program: "bellwire",
	}
	if e.dir != "" {
		o.Program = "bellwire --dir " + doctor.Word(e.dirs.Data)
	}
	ctx, cancel := context.WithTimeout(e.ctx, doctor.Limit)
	defer cancel()
	client := e.client()
	s, err := client.Status(ctx)
	if err != nil {
		if !errors.Is(err, control.ErrNoDaemon) || ctx.Err() != nil {
			o.DaemonError, o.Unanswered = err, doctor.Holder(o.Socket)
			o.Adopt(o.Unanswered)
		}
		c.glance(ctx, e, &o)
		return o
	}
	o.Daemon, o.Held = &s, heldWords(s.Held, s.Holds)
	o.Adopt(s.PID)
	for _, f := range s.Feeds {
		o.Feeds = append(o.Feeds, lookedAt(f))
	}
	if rows, err := client.History(ctx, control.Query{Limit: 1}); err == nil && len(rows) > 0 {
		o.Newest = rows[0].Received
	}
	o.Autostart = client.Autostart
	return o
}

// glance is for when nobody answers.
func (c *doctorCmd) glance(ctx context.Context, e *env, o *doctor.Options) {
	g, err := storage.Glance(ctx, o.Database)
	if err == nil || !errors.Is(err, fs.ErrNotExist) { // a check of its own tells what is wrong with it
		o.Feeds, o.Newest = g.Feeds, g.Newest
	}
	program := e.startsAtLogin(hasWindow, false)
	o.Autostart = func(context.Context) (control.Autostart, error) {
		s, err := program.Status()
		return daemon.AutostartStatus(s), err
	}
}

// lookedAt is what the checks need of a feed; where its secrets are, not
// what they are called.
func lookedAt(f control.Feed) subscriptions.Feed {
	d := subscriptions.Feed{ID: f.ID, URL: f.URL, Transport: f.Transport, TLS: f.TLS, Proxy: f.Proxy, Paused: f.State == subscriptions.StatePaused}
	for _, a := range f.Auth {
		c := subscriptions.Credential{By: a.By, Name: a.Name}
		if a.From == "keyring" {
			c.Secret = "keyring:" + subscriptions.SecretRef(a.Name)
		}
		d.Auth = append(d.Auth, c)
	}
	return d
}

// buildInfo is what this program was built with and, where that is known,
// when its source was made.
func buildInfo() (what string, made time.Time) {
	parts := []string{runtime.GOOS + "/" + runtime.GOARCH, runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return strings.Join(parts, ", "), made
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "-tags":
			parts = append(parts, "tags "+s.Value)
		case "vcs.revision":
			parts = append(parts, "revision "+s.Value[:min(len(s.Value), 12)])
		case "vcs.time":
			made, _ = time.Parse(time.RFC3339, s.Value)
		}
	}
	return strings.Join(parts, ", "), made
}

// colours of the verdicts in a terminal (ECMA-48 SGR).
var verdictColours = map[doctor.Status]string{doctor.OK: "\x1b[32m", doctor.Warn: "\x1b[33m", doctor.Fail: "\x1b[31m"}

// reportWidth is the width of a report in a terminal, in columns.
const reportWidth = 80

// writeReport prints a report for people, in groups. In a terminal it is in
// colours and in lines of reportWidth; elsewhere each finding is one line, for
// programs like grep. What is to be typed is a line of its own and never broken.
func writeReport(w io.Writer, r doctor.Report, terminal bool) {
	group, width := "", 0
	for _, f := range r.Findings {
		width = max(width, len(f.Name))
	}
	for _, f := range r.Findings {
		if f.Group != group {
			if group != "" {
				fmt.Fprintln(w)
			}
			group = f.Group
			fmt.Fprintln(w, group)
		}
		verdict := fmt.Sprintf("%-4s", f.Status)
		if terminal {
			verdict = verdictColours[f.Status] + verdict + "\x1b[0m"
		}
		at := len("  fail  ") + width + 2
		fmt.Fprintf(w, "  %s  %-*s  %s\n", verdict, width, f.Name, wrapped(f.Found, at, terminal))
		writeAdvice(w, f.Do, terminal)
	}
	fmt.Fprintf(w, "\n%d ok, %s, %s\n", r.Good, counted(int64(r.Warnings), "warning"), counted(int64(r.Failures), "failure"))
}

// writeAdvice prints what to do, below what was found.
func writeAdvice(w io.Writer, do string, terminal bool) {
	if do == "" {
		return
	}
	sign := "→ "
	for line := range strings.SplitSeq(do, "\n") {
		if typed, ok := strings.CutPrefix(line, "  "); ok {
			fmt.Fprintf(w, "              %s\n", typed)
		} else {
			fmt.Fprintf(w, "        %s%s\n", sign, wrapped(line, len("        ")+2, terminal))
		}
		sign = "  "
	}
}

// wrapped is text that begins in the column at, broken between words for a
// terminal; a word that is too long is not broken.
func wrapped(text string, at int, terminal bool) string {
	if !terminal {
		return text
	}
	var b strings.Builder
	column := at
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > reportWidth:
			b.WriteString("\n" + strings.Repeat(" ", at))
			column = at
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

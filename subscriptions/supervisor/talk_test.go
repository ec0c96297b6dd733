package supervisor

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// beginnings are a script that notes where talks begin.
type beginnings struct{ from []string }

func (b *beginnings) Begin(cursor, secret string) subscriptions.Talk {
	b.from = append(b.from, cursor+"/"+secret)
	return nil
}

// newTalking is a bench whose feed speaks; it is paused until it is resumed.
func newTalking(t *testing.T, script func(subscriptions.Feed) (Script, error), runs ...func(context.Context, subscriptions.Target, subscriptions.Sink) error) *bench {
	f := feed
	f.Paused = true
	b := newBench(t, &memory{pos: subscriptions.Position{Cursor: "7", Seen: time.Now()}}, f, runs...)
	b.opts.Script = script
	b.opts.Prepare = func(_ context.Context, _ subscriptions.Feed, t *subscriptions.Target) error {
		t.FrameSecret = "hush"
		return nil
	}
	return b
}

// Every connection is a talk of its own, with what Prepare has found; the
// script is made once.
func TestEveryConnectionIsATalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script, made := &beginnings{}, 0
		b := newTalking(t, func(subscriptions.Feed) (Script, error) { made++; return script, nil },
			refuse(subscriptions.Transient, subscriptions.CodeLost, 0), stay())
		b.Resume("f")
		after(10 * time.Second)
		b.Close()
		if made != 1 || len(script.from) != 2 || script.from[0] != "7/hush" || script.from[1] != "7/hush" {
			t.Errorf("made %d times, begun at %v", made, script.from)
		}
	})
}

// A server says only in its words that it could not go on: that is one gap,
// and none where there is nothing to go on from.
func TestServerThatCouldNotGoOn(t *testing.T) {
	missed, event := msg("", "not recovered"), msg("8", "event")
	missed.Missed, missed.Cursor = true, "7"
	for name, tc := range map[string]struct {
		pos  subscriptions.Position
		want []string
	}{
		"first":     {subscriptions.Position{}, []string{"not recovered", "event", "not recovered"}},
		"no cursor": {subscriptions.Position{Seen: time.Unix(0, 0)}, []string{"gap(no-resume)", "not recovered", "event", "not recovered"}},
		"cursor":    {subscriptions.Position{Seen: time.Unix(0, 0), Cursor: "7"}, []string{"gap(evicted)", "not recovered", "event", "not recovered"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memory{pos: tc.pos}
				b := newBench(t, store, feed, stay(missed, event, missed))
				after(time.Second)
				got := store.rows()
				for i, row := range got {
					if reason, rest, ok := strings.Cut(row, " "); ok && strings.HasPrefix(row, "gap(") && rest != "" {
						got[i] = reason + ")"
					}
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Error(diff)
				}
				if s, _ := b.Status("f"); s.Gaps != int64(len(tc.want)-3) {
					t.Errorf("%d gaps are counted", s.Gaps)
				}
			})
		})
	}
}

func TestScriptThatCannotBeMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTalking(t, func(subscriptions.Feed) (Script, error) { return nil, errors.New("frame 1: column 3: no") }, stay())
		b.Resume("f")
		after(time.Second)
		if s, _ := b.Status("f"); s.State != subscriptions.StateBlocked || s.Code != subscriptions.CodeBadFeed || s.Error != "frame 1: column 3: no" {
			t.Errorf("%s: %s", s.State, s.Error)
		}
	})
}

package supervisor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
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

package notify

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listener is a shown and what it has told so far.
type listener struct {
	*shown[uint32]
	all []report
}

func newListener() *listener {
	s := &listener{}
	s.shown = newShown[uint32](func(r report) { s.all = append(s.all, r) })
	return s
}

// show is begin and end, with every button.
func (s *listener) show(id uint32, n Notification) {
	s.begin(n.Key)
	s.end(id, n, everything())
}

func everything() []string {
	return []string{actionDefault, ButtonOpen, "do-1", ButtonRead, ButtonMute}
}

// expect compares what was told since it was asked last.
func (s *listener) expect(t *testing.T, want ...report) {
	t.Helper()
	if d := cmp.Diff(want, s.all, cmp.AllowUnexported(report{})); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
	s.all = nil
}

var (
	one        = Notification{Seq: 1, Key: "k", Feed: "f", Link: "l"}
	clickOnOne = Activation{Seq: 1, Feed: "f", Link: "l"}
)

func clicked(button, token string) report {
	a := clickOnOne
	a.Button, a.Token = button, token
	return report{activation: a}
}

func ended(seq int64, why EndReason) report {
	return report{ending: Ending{Seq: seq, Why: why}}
}

func TestShownSignalOvertakesAnswer(t *testing.T) {
	tests := map[string]struct {
		before func(s *listener)
		id     uint32
		want   []report
	}{
		"a click": {func(s *listener) {
			s.token(7, "t")
			s.token(8, "another's")
			s.click(7, ButtonOpen)
			s.click(8, actionDefault)
		}, 7, []report{clicked(ButtonOpen, "t")}},
		"a token alone":       {func(s *listener) { s.token(7, "t") }, 7, nil},
		"two buttons":         {func(s *listener) { s.click(7, "do-1"); s.click(7, "do-1"); s.click(7, ButtonRead) }, 7, []report{clicked("do-1", ""), clicked(ButtonRead, "")}},
		"not a button":        {func(s *listener) { s.click(7, "rm"); s.click(7, "do-2") }, 7, nil},
		"its end":             {func(s *listener) { s.closed(7, EndExpired) }, 7, []report{ended(1, EndExpired)}},
		"a click, its end":    {func(s *listener) { s.click(7, actionDefault); s.closed(7, EndDismissed) }, 7, []report{clicked("", "")}},
		"another's":           {func(s *listener) { s.closed(6, EndExpired) }, 7, nil},
		"it was not shown":    {func(s *listener) { s.click(7, actionDefault); s.closed(7, EndClosed) }, 0, nil},
		"nothing came at all": {func(*listener) {}, 7, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newListener()
			s.begin("k")
			test.before(s)
			s.expect(t)
			s.end(test.id, one, everything())
			s.expect(t, test.want...)
			s.show(7, one) // nothing of it is left
			s.expect(t)
		})
	}
}

func TestShownTellsEveryClickOnce(t *testing.T) {
	s := newListener()
	s.show(7, one)
	for range 2 {
		s.click(7, actionDefault)
		s.click(7, ButtonOpen) // the same as the notification itself
		s.click(7, ButtonMute)
		s.click(7, "do-2") // was not offered
		s.click(9, ButtonMute)
	}
	s.expect(t, clicked("", ""), clicked(ButtonMute, ""))
	s.show(7, one) // shown anew, clicked anew
	s.click(7, ButtonOpen)
	s.expect(t, clicked(ButtonOpen, ""))
	s.begin("none")
	s.end(8, Notification{Seq: 2, Key: "none"}, nil)
	s.click(8, actionDefault)
	s.expect(t)
}

func TestShownTellsEveryEndOnce(t *testing.T) {
	summary := Notification{Summary: 5, Key: "s"}
	tests := map[string]struct {
		do   func(s *listener)
		want []report
	}{
		"dismissed":         {func(s *listener) { s.closed(7, EndDismissed); s.closed(7, EndClosed) }, []report{ended(1, EndDismissed)}},
		"after a click":     {func(s *listener) { s.click(7, ButtonRead); s.closed(7, EndDismissed) }, []report{clicked(ButtonRead, "")}},
		"before a click":    {func(s *listener) { s.closed(7, EndExpired); s.click(7, ButtonOpen) }, []report{ended(1, EndExpired), clicked(ButtonOpen, "")}},
		"a stranger's":      {func(s *listener) { s.closed(6, EndExpired) }, nil},
		"of a summary":      {func(s *listener) { s.show(8, summary); s.closed(8, EndExpired) }, []report{{ending: Ending{Summary: 5, Why: EndExpired}}}},
		"after replacement": {func(s *listener) { s.show(7, Notification{Seq: 2, Key: "k"}); s.closed(7, EndExpired) }, []report{ended(2, EndExpired)}},
		"of what was replaced under another id": {func(s *listener) {
			s.show(8, Notification{Seq: 2, Key: "k"})
			s.closed(7, EndClosed)
			s.closed(8, EndExpired)
		}, []report{ended(2, EndExpired)}},
		"while it is replaced": {func(s *listener) {
			s.begin("k")
			s.closed(7, EndClosed)
			s.end(7, Notification{Seq: 2, Key: "k"}, everything())
			s.closed(7, EndExpired)
		}, []report{ended(2, EndExpired)}},
		"while its replacement fails": {func(s *listener) {
			s.begin("k")
			s.closed(7, EndExpired)
			s.end(0, Notification{Seq: 2, Key: "k"}, everything())
			s.closed(7, EndClosed)
		}, []report{ended(1, EndExpired)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newListener()
			s.show(7, one)
			test.do(s)
			s.expect(t, test.want...)
		})
	}
}

func TestShownIsBounded(t *testing.T) {
	s := newListener()
	s.begin("")
	for id := range uint32(10_000) {
		for _, action := range append(everything(), "more", "and more") {
			s.click(id, action)
		}
		s.token(id, "t")
		s.closed(id, EndExpired)
	}
	if len(s.early) > maxEarly {
		t.Errorf("%d early ones", len(s.early))
	}
	for _, e := range s.early {
		if len(e.clicked) > len(everything()) {
			t.Errorf("%d early clicks", len(e.clicked))
		}
	}
	for i := range int64(10 * maxShown) {
		s.show(uint32(i+1), Notification{Seq: i, Key: fmt.Sprint("k", i%700)})
	}
	if len(s.byID) > maxShown || len(s.byKey) > maxShown || len(s.order) > maxShown {
		t.Errorf("%d ids, %d keys, %d in order", len(s.byID), len(s.byKey), len(s.order))
	}
	if len(s.early) != 0 {
		t.Errorf("%d early ones are left", len(s.early))
	}
}

func TestShownForgetsWhatTheServiceReused(t *testing.T) {
	s := newListener()
	s.show(1, Notification{Seq: 1, Key: "a"})
	s.show(1, Notification{Seq: 2, Key: "b"})
	if id := s.begin("a"); id != 0 {
		t.Errorf("a replaces %d", id)
	}
	if id := s.begin("b"); id != 1 {
		t.Errorf("b replaces %d", id)
	}
	s.click(1, actionDefault)
	s.expect(t, report{activation: Activation{Seq: 2}})
}

package notify

import (
	"fmt"
	"testing"
)

func TestShownClickOvertakesAnswer(t *testing.T) {
	n := Notification{Seq: 1, Key: "k", Feed: "f", Link: "l"}
	want := Activation{Seq: 1, Feed: "f", Link: "l", Token: "t"}

	s := newShown()
	s.begin("k")
	s.token(7, "t")
	s.token(8, "another's")
	if a, ok := s.click(7, actionOpen); ok {
		t.Errorf("clicked before it is known: %+v", a)
	}
	if a, ok := s.end(7, n); !ok || a != want {
		t.Errorf("click %+v, %v", a, ok)
	}
	if _, ok := s.click(7, actionDefault); ok {
		t.Error("clicked twice")
	}

	s = newShown()
	s.begin("k")
	s.token(7, "t")
	if a, ok := s.end(7, n); ok {
		t.Errorf("a token is no click: %+v", a)
	}
	if a, ok := s.click(7, actionDefault); !ok || a != want {
		t.Errorf("click %+v, %v", a, ok)
	}

	s = newShown()
	s.begin("k")
	s.click(7, actionDefault)
	s.end(0, n) // it was not shown
	s.begin("k")
	if _, ok := s.end(7, n); ok {
		t.Error("a click on something else")
	}
}

func TestShownIsBounded(t *testing.T) {
	s := newShown()
	s.begin("")
	for id := range uint32(10_000) {
		s.click(id, actionDefault)
		s.token(id, "t")
	}
	if len(s.early) > 8 {
		t.Errorf("%d early ones", len(s.early))
	}
	for i := range int64(10 * maxShown) {
		key := fmt.Sprint("k", i%700)
		s.begin(key)
		s.end(uint32(i+1), Notification{Seq: i, Key: key})
	}
	if len(s.byID) > maxShown || len(s.byKey) > maxShown || len(s.order) > maxShown {
		t.Errorf("%d ids, %d keys, %d in order", len(s.byID), len(s.byKey), len(s.order))
	}
	if len(s.early) != 0 {
		t.Errorf("%d early ones are left", len(s.early))
	}
}

func TestShownForgetsWhatTheServiceReused(t *testing.T) {
	s := newShown()
	s.begin("a")
	s.end(1, Notification{Seq: 1, Key: "a"})
	s.begin("b")
	s.end(1, Notification{Seq: 2, Key: "b"})
	if id := s.begin("a"); id != 0 {
		t.Errorf("a replaces %d", id)
	}
	if id := s.begin("b"); id != 1 {
		t.Errorf("b replaces %d", id)
	}
	if a, ok := s.click(1, actionDefault); !ok || a.Seq != 2 {
		t.Errorf("click %+v, %v", a, ok)
	}
}

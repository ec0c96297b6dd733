//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestEveryBackend holds what [Backend] promises, for all of them.
func TestEveryBackend(t *testing.T) {
	for name, test := range screens {
		t.Run(name, func(t *testing.T) {
			run := func(name string, f func(t *testing.T, s screen, b Backend)) {
				t.Run(name, func(t *testing.T) {
					s := test.screen(t)
					b, err := s.open(t)
					if err != nil {
						t.Fatal(err)
					}
					defer b.Close()
					f(t, s, b)
				})
			}
			run("name", func(t *testing.T, _ screen, b Backend) {
				if b.Name() != test.name || slices.Contains(Names(), b.Name()) == test.named {
					t.Errorf("it calls itself %q", b.Name())
				}
			})
			run("hostile text is literal and bounded", func(t *testing.T, s screen, b Backend) {
				showsLiterally(t, s, b, test.oneLine, test.blind)
			})
			run("the same key", func(t *testing.T, s screen, b Backend) {
				want := []seen{{"title 1", "body"}, {"title 1", "newer"}}
				if test.replaces {
					want = want[1:]
				}
				newer := note(1)
				newer.Body = "newer"
				show(t, b, note(1), newer)
				s.expect(t, want, test.oneLine, test.blind)
			})
			run("many at once", func(t *testing.T, s screen, b Backend) { showsAtOnce(t, s, b) })
			run("an end", func(t *testing.T, s screen, b Backend) { endsWithClose(t, s, test.stateless) })
			run("one that does not answer", func(t *testing.T, s screen, b Backend) {
				if s.hang != nil {
					survivesHanging(t, s, b, test.oneLine, test.blind)
				}
			})
		})
	}
}

func show(t *testing.T, b Backend, all ...Notification) {
	t.Helper()
	for _, n := range all {
		if err := b.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
	}
}

// expect waits until a person sees exactly these, in any order.
func (s screen) expect(t *testing.T, want []seen, line, blind bool) {
	t.Helper()
	want = slices.Clone(want)
	for i := range want {
		if line {
			want[i] = seen{title: strings.Join(strings.Fields(want[i].title+" — "+want[i].body), " ")}
		}
		if blind {
			want[i] = seen{}
		}
	}
	order := func(a, b seen) int { return strings.Compare(a.title+a.body, b.title+b.body) }
	slices.SortFunc(want, order)
	for ctx := soon(t); ; {
		var got []seen
		if s.visible != nil {
			got = s.visible(t)
		}
		slices.SortFunc(got, order)
		if s.visible == nil || slices.Equal(got, want) {
			return
		}
		// Only windows come later than the answer.
		if !blind || ctx.Err() != nil {
			t.Fatalf("visible %q, want %q", got, want)
		}
	}
}

func showsLiterally(t *testing.T, s screen, b Backend, line, blind bool) {
	n := note(1)
	n.Title = hostileTitle + "\x1b[31m\x00\u202e\xff\n" + strings.Repeat("长", maxTitle)
	n.Body = hostileBody + "\r\n\x1b]0;x\a" + strings.Repeat("🔔", 1<<16)
	show(t, b, n)
	want := seen{title(n, Options{}), lines(n.Body, maxBody)}
	if line {
		want.body, _, _ = strings.Cut(want.body, "\n")
	}
	if len([]rune(want.title)) > maxTitle+1 || len([]rune(want.body)) > maxBody+1 {
		t.Fatal("not bounded")
	}
	s.expect(t, []seen{want}, line, blind)
}

func showsAtOnce(t *testing.T, s screen, b Backend) {
	const many = 5
	var all sync.WaitGroup
	for i := range int64(many) {
		all.Go(func() {
			if err := b.Show(soon(t), note(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for ctx := soon(t); s.visible != nil && len(s.visible(t)) != many; {
		if ctx.Err() != nil {
			t.Fatalf("%d visible", len(s.visible(t)))
		}
	}
}

// endsWithClose opens a backend of its own, so that what was there before is
// known.
func endsWithClose(t *testing.T, s screen, stateless bool) {
	before := goleak.IgnoreCurrent()
	b, err := s.open(t)
	if err != nil {
		t.Fatal(err)
	}
	show(t, b, note(1))
	for range 2 { // the second time there is nothing left to do
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := b.Show(soon(t), note(2)); (err == nil) != stateless || errors.Is(err, ErrRejected) {
		t.Errorf("Show after Close: %v", err)
	}
	for ctx := soon(t); ; {
		err := goleak.Find(before)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// A Show that gave up may still be taken: shown again, it must not be seen
// twice.
func survivesHanging(t *testing.T, s screen, b Backend, line, blind bool) {
	show(t, b, note(1))
	release := s.hang(t)
	defer release()
	// Either way it must return: cut off with the call under way or, where
	// nobody can tell that, a moment later.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	if s.called != nil {
		cancel()
		ctx, cancel = context.WithCancel(t.Context())
		go func() { _ = s.called(ctx, 2); cancel() }()
	}
	defer cancel()
	if err := b.Show(ctx, note(2)); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("the other end does not answer: %v", err)
	}
	cancelled, cancelNow := context.WithCancel(t.Context())
	cancelNow()
	if err := b.Show(cancelled, note(2)); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("it still does not: %v", err)
	}
	release()
	show(t, b, note(2))
	s.expect(t, []seen{{"title 1", "body"}, {"title 2", "body"}}, line, blind)
}

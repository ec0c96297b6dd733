package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBeeepNeedsAChildWhereTheBusIsShared(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	for _, os := range []string{"linux", "freebsd", "openbsd", "plan9"} {
		if _, err := openBeeep(os, Options{}); err == nil || !strings.Contains(err.Error(), "freedesktop") {
			t.Errorf("%s: %v", os, err)
		}
		if b, err := openBeeep(os, Options{BeeepChild: []string{"x"}}); err != nil || b.Name() != "beeep" {
			t.Errorf("%s with a child: %v", os, err)
		}
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	if _, err := openBeeep("linux", Options{BeeepChild: []string{"x"}}); !errors.Is(err, errNoBus) {
		t.Errorf("without a bus: %v", err)
	}
	for _, os := range []string{"windows", "darwin"} {
		if b, err := openBeeep(os, Options{}); err != nil || b.Name() != "beeep" {
			t.Errorf("%s: %v", os, err)
		}
	}
}

func TestBeeepSends(t *testing.T) {
	var got []any
	p := &portable{os: "windows", o: Options{Icon: `C:\icon.png`}, calls: newSolo(), send: func(title, body string, icon any) error {
		got = []any{title, body, icon}
		return nil
	}}
	if err := p.Show(t.Context(), Notification{Title: "It's", FeedName: "Deploys"}); err != nil {
		t.Fatal(err)
	}
	want := []any{"]]>It&#39;s<![CDATA[", "]]>Deploys<![CDATA[", `C:\icon.png`}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("sent %q, want %q", got[i], want[i])
		}
	}
	p.send = func(string, string, any) error { return errors.New("no") }
	if err := p.Show(t.Context(), Notification{Title: "a"}); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("a failure: %v", err)
	}
}

func TestBeeepHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sent := 0
		p := &portable{os: "darwin", calls: newSolo(), send: func(string, string, any) error {
			sent++
			<-release
			return nil
		}}
		start := time.Now()
		one, two := Notification{Seq: 1, Title: "a"}, Notification{Seq: 2, Title: "b"}
		if err := p.Show(t.Context(), one); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != beeepTimeout {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		start = time.Now()
		if err := p.Show(t.Context(), two); !errors.Is(err, errBusy) || time.Since(start) != 0 {
			t.Errorf("another one, after %v: %v", time.Since(start), err)
		}
		if err := p.Show(t.Context(), one); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the same one: %v", err)
		}
		close(release)
		one.Time = time.Now() // read again from the outbox
		if err := p.Show(t.Context(), one); err != nil || sent != 1 {
			t.Errorf("sent %d times: %v", sent, err)
		}
		if err := p.Show(t.Context(), two); err != nil || sent != 2 {
			t.Errorf("sent %d times: %v", sent, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestSolo(t *testing.T) {
	failed := errors.New("failed")
	one, two := Notification{Seq: 1}, Notification{Seq: 2}
	tests := map[string]func(t *testing.T, s *solo, leave func(n Notification, err error) (finish func())){
		"the answer that came late was a failure: ask again": func(t *testing.T, s *solo, leave func(Notification, error) func()) {
			leave(one, failed)()
			asked := false
			if err := s.do(t.Context(), time.Second, one, func() error { asked = true; return nil }); err != nil || !asked {
				t.Errorf("asked %v: %v", asked, err)
			}
		},
		"the late answer was for another one": func(t *testing.T, s *solo, leave func(Notification, error) func()) {
			leave(one, nil)()
			if err := s.do(t.Context(), time.Second, two, func() error { return failed }); !errors.Is(err, failed) {
				t.Error(err)
			}
		},
		"same key, newer text: not the same one": func(t *testing.T, s *solo, leave func(Notification, error) func()) {
			leave(one, nil)()
			newer := one
			newer.Body = "more"
			asked := false
			if err := s.do(t.Context(), time.Second, newer, func() error { asked = true; return nil }); err != nil || !asked {
				t.Errorf("asked %v: %v", asked, err)
			}
		},
		"settle waits for what was left behind": func(t *testing.T, s *solo, leave func(Notification, error) func()) {
			finish := leave(one, nil)
			time.AfterFunc(time.Minute, finish)
			start := time.Now()
			s.settle()
			if d := time.Since(start); d != time.Minute {
				t.Errorf("waited %v", d)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSolo()
				test(t, s, func(n Notification, result error) func() {
					release := make(chan struct{})
					if err := s.do(t.Context(), time.Second, n, func() error { <-release; return result }); !errors.Is(err, context.DeadlineExceeded) {
						t.Fatal(err)
					}
					return func() { close(release); synctest.Wait() }
				})
			})
		})
	}
}

package supervisor

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestOrigin(t *testing.T) {
	for raw, want := range map[string]string{
		"http://a.example/x":                  "http://a.example:80",
		"ws://a.example:80/y?token=s3cret":    "http://a.example:80",
		"https://user:pass@A.example/":        "https://a.example:443",
		"wss://a.example":                     "https://a.example:443",
		"http://a.example:8080/":              "http://a.example:8080",
		"http://[::1]:8080/":                  "http://[::1]:8080",
		"gopher://user:pass@a.example/s3cret": "",
	} {
		if got := origin(raw); got != want {
			t.Errorf("origin(%q) = %q, want %q", raw, got, want)
		}
	}
}

// A fleet is many feeds and the one server of them all, which can be away.
type fleet struct {
	*Supervisor
	start time.Time

	mu       sync.Mutex
	away     bool
	gone     chan struct{} // closed when the server goes away
	attempts []time.Duration
	open     map[string]bool
	log      bytes.Buffer
}

func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	f := &fleet{start: time.Now(), gone: make(chan struct{}), open: make(map[string]bool)}
	f.Supervisor = New(Options{
		Store:      nothing{},
		Decoder:    newPlain,
		Transports: map[subscriptions.TransportName]subscriptions.Transport{subscriptions.TransportSSE: f},
		Logger:     slog.New(slog.NewTextHandler(f, nil)),
		OnStatus: func(id string, s subscriptions.Status) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.open[id] = s.State == subscriptions.StateOpen
		},
	})
	for i := range n {
		one := feed
		one.ID = fmt.Sprintf("f%04d", i)
		f.Start(one)
	}
	t.Cleanup(f.Close)
	return f
}

func (s *gates) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.of)
}

// Write keeps the log.
func (f *fleet) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Write(b)
}

// told is the lines of the log that hold text.
func (f *fleet) told(text string) (lines []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for line := range strings.Lines(f.log.String()) {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

// Run is the server.
func (f *fleet) Run(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
	f.mu.Lock()
	f.attempts = append(f.attempts, time.Since(f.start))
	away, gone := f.away, f.gone
	f.mu.Unlock()
	if away {
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeUnreachable, "connection refused")
	}
	s.Opened(true)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-gone:
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeLost, "connection reset")
	}
}

// begun are when attempts began, so far.
func (f *fleet) begun() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.attempts)
}

func (f *fleet) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = true
	close(f.gone)
}

func (f *fleet) comeBack() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away, f.gone = false, make(chan struct{})
}

func (f *fleet) opened() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, open := range f.open {
		if open {
			n++
		}
	}
	return n
}

// busiest is the most attempts within one second.
func (f *fleet) busiest() (most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	slices.Sort(f.attempts)
	first := 0
	for i, at := range f.attempts {
		for at-f.attempts[first] >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// nothing is a store that is always empty.
type nothing struct{}

func (nothing) Position(context.Context, string) (p subscriptions.Position, err error) { return }

func (nothing) Ingest(context.Context, subscriptions.Batch) (r subscriptions.Receipt, err error) {
	return
}

func TestManyFeedsOfOneServer(t *testing.T) {
	for _, outage := range []time.Duration{10 * time.Second, 10 * time.Minute, 3 * time.Hour} {
		t.Run(outage.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n = 1000
				f := newFleet(t, n)
				after(11 * time.Second)
				if got := f.opened(); got != n {
					t.Fatalf("%d of %d feeds open after the start", got, n)
				}
				f.leave()
				after(outage)
				f.comeBack()
				after(30 * time.Second)
				if got := f.opened(); got != n {
					t.Errorf("%d of %d feeds open 30 s after the server's return", got, n)
				}
				if got := f.busiest(); got > 100 {
					t.Errorf("%d attempts in a second", got)
				}
				spread, drained := f.told("attempts are spread"), f.told("waits for its turn any more")
				if len(spread) != len(drained) || len(spread) < 2 || len(spread) > 10 {
					t.Errorf("%d queues told, %d ends", len(spread), len(drained))
				}
				t.Logf("%d attempts, log:\n%s", len(f.begun()), strings.Join(append(spread, drained...), ""))
			})
		})
	}
}

// The order is that of asking, and a feed alone never waits.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 0)
		alone := feed
		alone.ID = "alone"
		f.Start(alone)
		synctest.Wait()
		f.Stop("alone")
		elsewhere := feed
		elsewhere.ID, elsewhere.URL = "elsewhere", "http://other.example/"
		for i := range 5 {
			one := feed
			one.ID = fmt.Sprint(i)
			f.Start(one)
		}
		f.Start(elsewhere)
		after(time.Minute)
		want := []time.Duration{0, 0, 0, 10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 40 * time.Millisecond}
		if diff := cmp.Diff(want, f.begun()); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if lines := f.told("origin"); len(lines) != 0 {
			t.Errorf("a short queue was told: %q", lines)
		}
		if f.gates.count() != 2 {
			t.Errorf("%d gates", f.gates.count())
		}
	})
}

// Those who wait for their turn say so, and are let go by a pause or a stop,
// but not by a kick.
func TestWaitingForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 500)
		synctest.Wait()
		var last string
		for i := range 500 {
			id := fmt.Sprintf("f%04d", i)
			if st, _ := f.Status(id); st.Queued && st.Next.Sub(f.start) > 4900*time.Millisecond {
				last = id
			}
		}
		if last == "" {
			t.Fatal("nobody waits for a turn in 5 s")
		}
		f.Reconnect(last)
		after(4500 * time.Millisecond)
		if st, _ := f.Status(last); st.State != subscriptions.StateWaiting || !st.Queued || st.Error != "" {
			t.Errorf("status %+v", st)
		}
		f.Pause(last)
		f.Stop("f0000")
		synctest.Wait()
		if st, _ := f.Status(last); st.State != subscriptions.StatePaused || st.Queued {
			t.Errorf("status %+v", st)
		}
		after(time.Minute)
		if len(f.begun()) != 499 {
			t.Errorf("%d attempts, want 499", len(f.begun()))
		}
		f.ReconnectAll()
		after(time.Second)
		f.Close() // with a queue
		if f.gates.count() != 0 {
			t.Errorf("%d gates left", f.gates.count())
		}
	})
}

// A machine too busy to be on time, or a process that was stopped, catches
// up on little.
func TestLateTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{log: slog.New(slog.DiscardHandler)}
		_, _ = g.enter()
		var turns []*turn
		for range 50 {
			turn, _ := g.enter()
			turns = append(turns, turn)
		}
		g.mu.Lock()
		g.timer.Stop()
		g.mu.Unlock()
		time.Sleep(time.Hour)
		g.serve()
		ready := 0
		for _, turn := range turns {
			select {
			case <-turn.ready:
				ready++
			default:
			}
		}
		if ready != 11 {
			t.Errorf("%d attempts at once", ready)
		}
		for _, turn := range turns {
			g.quit(turn)
		}
		if g.timer != nil {
			t.Error("a timer is left")
		}
	})
}

// A feed whose server another one finds back tries at once.
func TestServerFoundBack(t *testing.T) {
	down := refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0)
	for _, tc := range []struct {
		name  string
		first func(context.Context, subscriptions.Target, subscriptions.Sink) error
		want  string
	}{
		{"unreachable", down, "16.51s connecting\n16.51s open"},
		{"timeout", refuse(subscriptions.Transient, subscriptions.CodeTimeout, 0), "16.51s connecting\n16.51s open"},
		{"bad gateway", refuse(subscriptions.Transient, subscriptions.CodeServer, 0), "16.51s connecting\n16.51s open"},
		{"busy", refuse(subscriptions.Transient, subscriptions.CodeBusy, 0), "16.51s connecting\n16.51s open"},
		{"busy with Retry-After", refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, time.Minute), ""},
		{"blocked", refuse(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0), ""},
		{"ended", refuse(subscriptions.Ended, subscriptions.CodeEnded, 0), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{start: time.Now()}
				own := &script{runs: slices.Repeat([]func(context.Context, subscriptions.Target, subscriptions.Sink) error{tc.first}, 6)}
				own.runs = append(own.runs, stay())
				others := &script{runs: []func(context.Context, subscriptions.Target, subscriptions.Sink) error{down, stay()}}
				b.twoKinds(t, own, others)
				b.Start(feed)
				after(16 * time.Second) // the next attempt is due at 31.5 s, or later
				b.states = []string{}
				sibling := feed
				sibling.ID, sibling.Transport = "other", subscriptions.TransportPoll
				b.Start(sibling) // fails now and opens at 16.5 s
				after(2 * time.Second)
				b.check(t, tc.want)
			})
		})
	}
}

// twoKinds makes the bench's supervisor: feeds of the kind SSE follow own,
// polls follow others. Only the feed "f" is watched.
func (b *bench) twoKinds(t *testing.T, own, others *script) {
	t.Helper()
	b.script = own
	b.Supervisor = New(Options{
		Store:   nothing{},
		Decoder: newPlain,
		Transports: map[subscriptions.TransportName]subscriptions.Transport{
			subscriptions.TransportSSE: own, subscriptions.TransportPoll: others,
		},
		Logger: slog.New(slog.DiscardHandler),
		Rand:   func() float64 { return 0.5 },
		OnStatus: func(id string, s subscriptions.Status) {
			if id != "f" {
				return
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			line := fmt.Sprintf("%s %s", time.Since(b.start), s.State)
			if s.Code != "" && s.State != subscriptions.StateConnecting {
				line += " " + string(s.Code)
			}
			b.states = append(b.states, line)
		},
	})
	t.Cleanup(b.Close)
}

// What a feed has against another may last. The other's ups and downs make
// it try no more often than every ten seconds, and its backoff goes on.
func TestFlappingSiblingDoesNotMakeAFeedHammer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0)
		b := &bench{start: time.Now()}
		own := &script{runs: []func(context.Context, subscriptions.Target, subscriptions.Sink) error{refuse(subscriptions.Transient, subscriptions.CodeTimeout, 0)}}
		others := &script{runs: []func(context.Context, subscriptions.Target, subscriptions.Sink) error{down}}
		for range 200 {
			others.runs = append(others.runs, drop(time.Second, msg("", "an event")), down)
		}
		b.twoKinds(t, own, others)
		b.Start(feed)
		after(5 * time.Minute)
		before := len(own.attempts())
		sibling := feed
		sibling.ID, sibling.Transport = "other", subscriptions.TransportPoll
		b.Start(sibling)
		after(5 * time.Minute)
		if flaps := len(others.attempts()) / 2; flaps < 100 {
			t.Fatalf("%d flaps", flaps)
		}
		for i := before; i+1 < len(own.attempts()); i++ {
			if gap := own.attempts()[i+1].Sub(own.attempts()[i]); gap < hurryEvery {
				t.Errorf("tried again after %s", gap)
			}
		}
		// And once the other is quiet it is as patient as before.
		b.Stop("other")
		synctest.Wait()
		last := len(own.attempts())
		after(10 * time.Minute)
		if n := len(own.attempts()) - last; n > 11 {
			t.Errorf("%d attempts in ten minutes: the backoff was forgotten", n)
		}
	})
}

// An attempt that began before the server was back, and ends in vain after
// it, is made again soon: nobody else will tell.
func TestServerBackDuringAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context, _ subscriptions.Target, _ subscriptions.Sink) error {
			select {
			case <-time.After(30 * time.Second):
			case <-ctx.Done():
			}
			return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer")
		}
		b := &bench{start: time.Now()}
		own := &script{runs: []func(context.Context, subscriptions.Target, subscriptions.Sink) error{hang, stay()}}
		others := &script{runs: []func(context.Context, subscriptions.Target, subscriptions.Sink) error{refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0), stay()}}
		b.twoKinds(t, own, others)
		b.Start(feed)
		after(10 * time.Second)
		sibling := feed
		sibling.ID, sibling.Transport = "other", subscriptions.TransportPoll
		b.Start(sibling)
		after(time.Minute)
		b.check(t, `
			0s connecting
			30s waiting timeout
			30s connecting
			30s open`)
	})
}

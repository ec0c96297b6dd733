//go:build linux && !headless

package main

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/faultproxy"
	"bellwire/storage"

	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite"
)

// A mishap is something that goes wrong, for a while or at once.
type mishap struct {
	name              string
	weight            int           // how often, beside the others
	shortest, longest time.Duration // 0: at once
	// prepare draws all there is to draw; what it returns makes it go wrong, and
	// returns what ends that.
	prepare func(r *rand.Rand) (begin func(c *chaos) (end func()))
}

// always is a mishap without a choice.
func always(begin func(c *chaos) func()) func(*rand.Rand) func(*chaos) func() {
	return func(*rand.Rand) func(*chaos) func() { return begin }
}

// ways is a mishap of some lanes' connections, each with a chance of one half.
func ways(begin, end func(l *lane)) func(*rand.Rand) func(*chaos) func() {
	return func(r *rand.Rand) func(*chaos) func() {
		which := 1 + r.Uint64N(1<<32)
		each := func(c *chaos, f func(l *lane)) {
			for i, l := range c.lanes {
				if which>>i&1 != 0 {
					f(l)
				}
			}
		}
		return func(c *chaos) func() {
			each(c, begin)
			if end == nil {
				return nil
			}
			return func() { each(c, end) }
		}
	}
}

// faulty is a fault on the way.
func faulty(f faultproxy.Fault) func(*rand.Rand) func(*chaos) func() {
	return ways(func(l *lane) { l.proxy.Set(f) }, func(l *lane) { l.proxy.Set(faultproxy.Fault{}) })
}

// answered is a gateway before the server that answers itself, n times.
func answered(status int, header http.Header) func(*rand.Rand) func(*chaos) func() {
	return func(r *rand.Rand) func(*chaos) func() {
		n := 1 + r.IntN(3)
		return ways(func(l *lane) {
			l.proxy.Answer(n, faultproxy.Answer{Status: status, Header: header})
			l.proxy.Reset()
		}, func(l *lane) { l.proxy.Answer(0, faultproxy.Answer{}) })(r)
	}
}

const (
	briefly = 300 * time.Millisecond
	aWhile  = 6 * time.Second
)

func mishaps() []mishap {
	return []mishap{
		{"daemon killed", 6, briefly / 10, 2 * time.Second, always((*chaos).killDaemon)},
		{"daemon stopped", 2, briefly / 10, 2 * time.Second, always((*chaos).stopDaemon)},
		{"daemon restarts itself", 1, 0, 0, always((*chaos).renewDaemon)},
		{"daemon suspended", 3, briefly, aWhile, always((*chaos).suspendDaemon)},

		{"connections reset", 6, 0, 0, ways(func(l *lane) { l.proxy.Reset() }, nil)},
		{"connections cut", 5, 0, 0, func(r *rand.Rand) func(*chaos) func() {
			n := r.IntN(400)
			return ways(func(l *lane) { l.proxy.Cut(n) }, nil)(r)
		}},
		{"black hole", 4, briefly, 2 * aWhile, faulty(faultproxy.Fault{Blackhole: true})},
		{"slow lines", 2, briefly, aWhile, faulty(faultproxy.Fault{Rate: 2000})},
		{"every byte by itself", 2, briefly, aWhile, faulty(faultproxy.Fault{Split: true})},
		{"connections refused", 4, briefly, aWhile, ways(func(l *lane) { l.proxy.Refuse(); l.proxy.Reset() }, func(l *lane) { l.proxy.Accept() })},
		{"503", 2, briefly, aWhile, answered(http.StatusServiceUnavailable, http.Header{"Retry-After": {"1"}})},
		{"429", 1, briefly, aWhile, answered(http.StatusTooManyRequests, nil)},
		{"502 from a gateway", 2, briefly, aWhile, answered(http.StatusBadGateway, nil)},

		{"server suspended", 2, briefly, aWhile, always(func(c *chaos) func() {
			c.server.Suspend()
			return c.server.Continue
		})},
		{"hub restarted, events evicted", 5, 0, 0, func(r *rand.Rand) func(*chaos) func() {
			n, keep := r.IntN(40), r.IntN(60)
			return func(c *chaos) func() { c.evict(n, keep); return nil }
		}},
		{"gotify hangs up", 3, 0, 0, always(func(c *chaos) func() { c.gotify.hangUp(); return nil })},

		{"disk full", 5, briefly, aWhile, func(r *rand.Rand) func(*chaos) func() {
			size := uint64(r.IntN(64) << 10)
			return func(c *chaos) func() { return c.fillDisk(size) }
		}},
		{"disk held", 3, briefly, aWhile + 2*time.Second, always((*chaos).holdDisk)},

		{"clock set", 4, 0, 0, func(r *rand.Rand) func(*chaos) func() {
			jumps := []time.Duration{0, 0, -3 * time.Second, 3 * time.Second, -time.Hour, time.Hour, -24 * time.Hour, 24 * time.Hour, 8 * 24 * time.Hour, -30 * 24 * time.Hour}
			offset := jumps[r.IntN(len(jumps))]
			return func(c *chaos) func() {
				if c.clock != nil {
					c.say("the clock is off by %s", offset)
					c.clock.Set(offset)
				}
				return nil
			}
		}},

		{"notification service crashes", 4, briefly, aWhile, always(func(c *chaos) func() {
			c.recorder.Crash()
			return func() { c.recorder.Recover(c.t) }
		})},
		{"notification service hangs", 3, briefly, aWhile, always(func(c *chaos) func() {
			c.recorder.Hang("Notify")
			return c.recorder.Release
		})},
	}
}

// draw draws one.
func draw(r *rand.Rand) mishap {
	all := mishaps()
	sum := 0
	for _, m := range all {
		sum += m.weight
	}
	at := r.IntN(sum)
	for _, m := range all {
		if at -= m.weight; at < 0 {
			return m
		}
	}
	panic("not reached")
}

// killDaemon kills the daemon, and starts another. What it was showing may be
// shown once more.
func (c *chaos) killDaemon() (end func()) {
	if c.cmd == nil {
		return nil
	}
	c.end("notification service hangs") // or what the dead one asked for is answered after it
	c.stop(syscall.SIGKILL)
	return func() {
		c.kills = append(c.kills, len(c.recorder.Notifications()))
		c.startAgain()
	}
}

func (c *chaos) stopDaemon() (end func()) {
	if c.cmd == nil {
		return nil
	}
	c.ready()
	c.stop(syscall.SIGTERM)
	return c.startAgain
}

// ready ends what keeps a daemon from ending in an orderly way. One that is cut
// off with a notification in the hands of a service that hangs, or cannot note
// what it has shown, is as good as killed.
func (c *chaos) ready() {
	c.end("daemon suspended")
	c.end("disk held")
	c.end("disk full")
	c.end("notification service hangs")
}

// renewDaemon is a daemon that becomes the newest program by itself.
func (c *chaos) renewDaemon() (end func()) {
	if c.cmd == nil {
		return nil
	}
	c.ready()
	c.run("restart")
	return nil
}

func (c *chaos) suspendDaemon() (end func()) {
	if c.cmd == nil {
		return nil
	}
	daemon := c.cmd.Process
	if err := daemon.Signal(syscall.SIGSTOP); err != nil {
		c.t.Error(err)
	}
	return func() { _ = daemon.Signal(syscall.SIGCONT) } // it may have been killed
}

// fillDisk makes writing behind the first size bytes of any file fail, as on a
// full disk.
func (c *chaos) fillDisk(size uint64) (end func()) {
	if c.cmd == nil {
		return nil
	}
	daemon := c.cmd.Process.Pid
	var before unix.Rlimit
	if err := unix.Prlimit(daemon, unix.RLIMIT_FSIZE, nil, &before); err != nil {
		c.t.Error(err)
		return nil
	}
	if err := unix.Prlimit(daemon, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: before.Max}, nil); err != nil {
		c.t.Error(err)
	}
	return func() {
		if c.cmd != nil && c.cmd.Process.Pid == daemon {
			if err := unix.Prlimit(daemon, unix.RLIMIT_FSIZE, &before, nil); err != nil {
				c.t.Error(err)
			}
		}
	}
}

// holdDisk keeps the database to itself, so that whoever commits waits as for
// a disk that is busy with something else.
func (c *chaos) holdDisk() (end func()) {
	if c.cmd == nil {
		return nil
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, "bellwire.db")+"?_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		c.t.Error(err)
		return nil
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		c.say("the database is busy: %v", err) // with a full disk
		db.Close()
		return nil
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			c.t.Error(err)
		}
		if err := db.Close(); err != nil {
			c.t.Error(err)
		}
	}
}

// evict ends the hub's streams, publishes n events to nobody and keeps only
// the last few.
func (c *chaos) evict(n, keep int) {
	for _, l := range c.lanes {
		if l.name == "hub" {
			l.mu.Lock()
			c.hub.lose(n, keep)
			l.sent += n
			l.mu.Unlock()
		}
	}
}

// checkDatabase is what Bellwire itself finds out about a database.
func checkDatabase(t testing.TB, path string) {
	t.Helper()
	report, err := storage.Check(t.Context(), path)
	if err != nil || len(report.Damage) > 0 {
		t.Errorf("the database: %+v, %v", report, err)
	}
}

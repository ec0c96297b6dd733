package daemon

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// calmAfter is how long nothing has to happen before what work took is
	// given back. Feeds usually take less to connect and settle.
	calmAfter = 10 * time.Second
	// calmGrowth is the memory in bytes that is worth it.
	calmGrowth = 2 << 20
	// calmGC is how much garbage may gather before it is collected, in percent
	// of what is in use, while nothing happens but keep-alives: collecting
	// often costs nearly nothing then.
	calmGC = 25
	// stackRounds bounds the collections that stacks take to shrink: each
	// halves them.
	stackRounds = 4
)

// A calm gives memory back when a burst is over: a start, many feeds that
// connect, many events. It has a timer only after something has happened.
type calm struct {
	// rest closes what is only worth its memory while there is something to
	// do, nil for nothing; give gives memory back; collect is
	// [debug.SetGCPercent].
	rest    func()
	give    func()
	collect func(percent int) int

	mu      sync.Mutex
	timer   *time.Timer
	stirred time.Time
	waiting bool // the timer runs
	ended   bool
	busy    int // the percentage while something happens; 0 while it does
}

// newCalm is the program's own; end it.
func newCalm() *calm { return &calm{give: giver(), collect: debug.SetGCPercent} }

// stir says that something happens that is no keep-alive.
func (c *calm) stir() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stirred = time.Now()
	if c.waiting || c.ended {
		return
	}
	if c.busy != 0 {
		c.collect(c.busy)
		c.busy = 0
	}
	if c.timer == nil {
		c.timer = time.AfterFunc(calmAfter, c.look)
	} else {
		c.timer.Reset(calmAfter)
	}
	c.waiting = true
}

// look gives back, or waits on. Nobody who stirs waits for the giving.
func (c *calm) look() {
	if c.over(func() {}) {
		if c.rest != nil {
			c.rest()
		}
		c.give()
		c.over(func() { c.waiting, c.busy = false, c.collect(calmGC) })
	}
}

// over reports whether nothing has happened for long enough, and calls then if
// so; else the timer goes on.
func (c *calm) over(then func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := calmAfter - time.Since(c.stirred)
	switch {
	case c.ended:
		return false
	case left > 0:
		c.timer.Reset(left)
		return false
	}
	then()
	return true
}

// end leaves everything as it is from now on.
func (c *calm) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.timer != nil {
		c.timer.Stop()
	}
}

// giver makes what gives back, where it is worth it.
func giver() func() {
	var before uint64 // what was held after the last time
	return func() {
		if held() < before+calmGrowth {
			return
		}
		stacks := ^uint64(0)
		for range stackRounds {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.StackInuse >= stacks {
				break
			}
			stacks = m.StackInuse
		}
		tidy()
		before = held()
	}
}

// held is the memory that the heap and the stacks have of the system.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.HeapIdle - m.HeapReleased + m.StackInuse
}

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

const (
	// clockStep is how far ahead of the last look a clock may be and be believed
	// at once: rows deleted by a clock that is wrong do not come back.
	clockStep = 7 * 24 * time.Hour
	// clockProof is for how long it has to say so where it is further ahead, as
	// after weeks in which the machine was off.
	clockProof = 24 * time.Hour
	// clockNote is the least change that is worth a write.
	clockNote = time.Hour
	// plausible is when rows can have been received at the earliest, in
	// microseconds (2000): a clock without a battery mostly begins before.
	plausible = 946_684_800_000_000

	settingClock = "keep.clock"
)

// A clock is what a keeper believes of the machine's.
type clock struct {
	known bool
	seen  believed
	noted believed             // as it is stored
	at    time.Duration        // ran, when seen was
	ran   func() time.Duration // for how long the process has run; nil: for no time
}

// A believed time, in microseconds, and since when the machine's clock has
// been too far ahead of it; 0: it is not.
type believed struct {
	Time  int64 `json:"time"`
	Doubt int64 `json:"doubt,omitempty"`
}

// next is what is believed when the clock says now, of which the process has
// seen ran pass.
func (b believed) next(now, ran int64) believed {
	step, proof := clockStep.Microseconds(), clockProof.Microseconds()
	switch since := now - b.Doubt; {
	case now <= b.Time+ran+step: // also where it was set back
		return believed{Time: now}
	case b.Doubt == 0 || since < 0 || since > step:
		return believed{b.Time, now}
	case since >= proof:
		return believed{Time: now}
	}
	return b
}

// believe is the time by which rows are old: now, unless the clock has jumped.
// Where it has, proof is in what time it will be believed.
func (k *keeper) believe(ctx context.Context, now time.Time) (at time.Time, proof time.Duration, err error) {
	c := &k.clock
	if err := k.remember(ctx, now); err != nil {
		return now, 0, err
	}
	var ran time.Duration
	if c.ran != nil {
		ran = c.ran()
	}
	doubted := c.seen.Doubt != 0
	seen := c.seen.next(now.UnixMicro(), (ran - c.at).Microseconds())
	if seen.Doubt == 0 {
		c.at = ran
	}
	c.seen = seen
	moved := time.Duration(seen.Time-c.noted.Time) * time.Microsecond
	if seen.Doubt != c.noted.Doubt || moved.Abs() >= clockNote {
		value, err := json.Marshal(seen)
		if err == nil {
			err = k.db.SetSetting(ctx, settingClock, string(value))
		}
		if err != nil {
			return now, 0, err
		}
		c.noted = seen
	}
	if seen.Doubt == 0 {
		return now, 0, nil
	}
	at = time.UnixMicro(seen.Time)
	if !doubted {
		k.db.log.Warn("the clock has jumped ahead; old events are deleted when it has said so for a day", "was", at, "is", now)
	}
	return at, time.UnixMicro(seen.Doubt).Add(clockProof).Sub(now), nil
}

// remember reads what an earlier run believed; without one it is the time of
// the newest row there is.
func (k *keeper) remember(ctx context.Context, now time.Time) error {
	c := &k.clock
	if c.known {
		return nil
	}
	value, err := k.db.Setting(ctx, settingClock)
	switch {
	case err == nil && json.Unmarshal([]byte(value), &c.noted) == nil && c.noted.Time > 0:
		c.seen = c.noted
	case err == nil || errors.Is(err, ErrNotFound):
		last, err := k.db.integers(ctx, "SELECT coalesce(max(last_event), 0) FROM progress")
		if err != nil {
			return err
		}
		if c.seen.Time = last[0]; c.seen.Time == 0 { // nothing can be old
			c.seen.Time = now.UnixMicro()
		}
	default:
		return err
	}
	c.known = true
	return nil
}

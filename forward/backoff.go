package forward

import "time"

const (
	firstBackoff = time.Second
	maxBackoff   = 2 * time.Minute
)

// backoff is the delay before the next attempt: full jitter below a ceiling
// that doubles from 1 s to 2 min with every failed attempt. r is uniform in
// [0, 1).
func backoff(attempts int, r float64) time.Duration {
	ceiling := maxBackoff
	if attempts < 7 { // 2^7 s is above the maximum
		ceiling = min(maxBackoff, firstBackoff<<attempts)
	}
	return time.Duration(r * float64(ceiling))
}

// pause waits for floor, which a server has asked for, and for jitter behind
// it, which a kick makes short. The rule's end ends both.
func (r *rule) pause(floor, jitter time.Duration) {
	begun := time.Now()
	timer := time.NewTimer(floor + jitter)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-r.next.Done():
			return
		case <-r.kick:
			left := floor - time.Since(begun)
			if left <= 0 {
				return
			}
			timer.Reset(left)
		}
	}
}

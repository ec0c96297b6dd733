package supervisor

import "time"

const (
	firstBackoff = time.Second
	maxBackoff   = 2 * time.Minute

	// What a server may ask for, in retry: and Retry-After.
	minDirected = time.Second
	maxDirected = time.Hour

	// A connection that lasted this long was a good one: the next trouble
	// starts over. A mere handshake is not, or a server that accepts and
	// drops would be hammered.
	provenAfter = time.Minute

	// recheckBlocked is how often a feed that needs a person is tried anyway.
	recheckBlocked = 15 * time.Minute

	// hurryEvery is how often a feed tries early because another one has
	// found their server back.
	hurryEvery = 10 * time.Second
)

// backoff is the delay before the next attempt: full jitter below a ceiling
// that doubles from 1 s to 2 min with every failed attempt, behind a floor
// the server may have set. r is uniform in [0, 1).
func backoff(attempts int, floor time.Duration, r float64) time.Duration {
	ceiling := maxBackoff
	if attempts < 7 { // 2^7 s is above the maximum
		ceiling = min(maxBackoff, firstBackoff<<attempts)
	}
	return floor + time.Duration(r*float64(ceiling))
}

// directed bounds a delay that a server asked for.
func directed(d time.Duration) time.Duration {
	return min(max(d, minDirected), maxDirected)
}

package policy

import (
	"cmp"
	"time"

	"bellwire/subscriptions"
)

// A Budget counts how many notifications people get: of each feed and of all
// together, as token buckets. The zero value has the default size. What is
// urgent has buckets of its own, of the same size, so that no storm of other
// things uses them up. It is not safe for concurrent use.
type Budget struct {
	feeds map[budgetKey]*bucket
	all   [2]bucket
	burst int
	every time.Duration
}

type budgetKey struct {
	feed   string
	urgent bool
}

// maxBuckets bounds what is remembered; full buckets need not be.
const maxBuckets = 4096

// Size sets the budget of all feeds together.
func (b *Budget) Size(p subscriptions.Preferences) {
	b.burst, b.every = p.Burst, time.Duration(p.Every)
}

// Has reports whether there may be one more notification now.
func (b *Budget) Has(now time.Time, id string, n subscriptions.Notify, urgent bool) bool {
	key := budgetKey{id, urgent}
	if b.feeds[key] == nil {
		b.forget(now)
		b.feeds[key] = &bucket{}
	}
	feed, all := b.buckets(key)
	feed.fill(now, cmp.Or(n.Burst, subscriptions.DefaultFeedBurst), cmp.Or(time.Duration(n.Every), subscriptions.DefaultFeedEvery))
	all.fill(now, cmp.Or(b.burst, subscriptions.DefaultBurst), cmp.Or(b.every, subscriptions.DefaultEvery))
	return feed.left >= 1 && all.left >= 1
}

// Spend counts one that Has allowed.
func (b *Budget) Spend(id string, urgent bool) {
	feed, all := b.buckets(budgetKey{id, urgent})
	feed.left--
	all.left--
}

func (b *Budget) buckets(key budgetKey) (feed, all *bucket) {
	if key.urgent {
		return b.feeds[key], &b.all[1]
	}
	return b.feeds[key], &b.all[0]
}

// forget makes room.
func (b *Budget) forget(now time.Time) {
	if b.feeds == nil {
		b.feeds = map[budgetKey]*bucket{}
	}
	if len(b.feeds) < maxBuckets {
		return
	}
	for key, k := range b.feeds {
		if now.Sub(k.at) >= k.every*time.Duration(k.size) {
			delete(b.feeds, key)
		}
	}
	if len(b.feeds) >= maxBuckets {
		clear(b.feeds)
	}
}

// A bucket holds up to size tokens and gets one more every so often.
type bucket struct {
	left  float64
	at    time.Time // when it was filled last; zero: never, so that it is full
	size  int
	every time.Duration
}

func (k *bucket) fill(now time.Time, size int, every time.Duration) {
	switch passed := now.Sub(k.at); {
	case k.at.IsZero():
		k.left = float64(size)
	case passed > 0: // clocks are also put back
		k.left = min(k.left+float64(passed)/float64(every), float64(size))
	}
	k.left = min(k.left, float64(size))
	k.at, k.size, k.every = now, size, every
}

package words

import "bellwire/subscriptions"

// NotificationSummary is the title of a notification that tells several
// events: of one feed, or of so many where its name is empty.
func NotificationSummary(why subscriptions.Reason, events int64, feed string, feeds int) string {
	from := feed
	if from == "" {
		from = Say("notify.feeds", With{"N": feeds})
	}
	return Say("notify."+string(why), With{"N": events, "Events": Count("notify.events", events), "From": from})
}

// NotificationPart is a line of it about one of several feeds.
func NotificationPart(feed string, events int64) string {
	return Say("notify.part", With{"Feed": feed, "N": events})
}

// NotificationRest is the line about the feeds that have none of their own.
func NotificationRest(feeds int) string { return Count("notify.rest", int64(feeds)) }

// NotificationNew is all that a notification says of an event where no more
// of it is to be shown.
func NotificationNew(feed string) string { return Say("notify.new", With{"Feed": feed}) }

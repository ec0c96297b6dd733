//go:build linux && !headless

package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// clickable is a dunst whose notifications do what they are for when they are
// clicked.
func clickable() string {
	return strings.Replace(notifytest.DunstConfig("full"), "[global]\n", "[global]\nmouse_left_click = do_action, close_current\norigin = bottom-right\n", 1)
}

// Who starts Bellwire for the first time pastes an address, says what the title
// is by a click, and from then on is a click away from what a notification
// tells.
func TestFirstRun(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	display := notifytest.XvfbOf(t, "1400x900x24")
	manageWindows(t, display)
	dunst := notifytest.DunstOn(t, bus, clickable(), display)
	home := t.TempDir()
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+display, "LC_ALL=en_US.UTF-8",
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start("--notifier", "freedesktop")
	published := 0
	publish := func() string {
		published++
		author := fmt.Sprintf("Ana %d", published)
		server.Publish(t, "commits", "", fmt.Sprintf(`{"commit":{"author":%q},"text":"change %d"}`, author, published))
		return author
	}

	w := p.window(display)
	w.shot("1-welcome")
	w.click("https://")
	w.write(server.URL("/sse/commits"))
	w.shot("2-typed")
	w.key("Return")
	w.find("Connected. Waiting for the first event…")
	publish()
	w.find("1 event so far.")
	w.shot("3-events")
	w.click("commit.author")
	w.shot("4-menu")
	w.click("Title")
	w.until("the card with the new title", func(spots []spot) bool { return count(spots, "Ana 1") > 1 })
	w.shot("5-title")
	w.click("Add feed")
	w.find("No events yet")
	p.await(func(ctx context.Context, c *controlClient) bool {
		feeds, err := c.Feeds(ctx)
		return err == nil && len(feeds) == 1 && feeds[0].State == subscriptions.StateOpen
	}, "the feed to be there")
	w.shot("6-saved")
	server.AwaitSubscribers(t, "commits", 1)
	server.AwaitSubscribers(t, "commits", 1)
	title := publish()
	dunst.Click(t)
	w.until("the event that was clicked", func(spots []spot) bool {
		return count(spots, title) > 1 && count(spots, "No event selected") == 0 && count(spots, "Mark unread") == 1
	})
	w.shot("7-clicked")
	if shown := dunst.History(t); len(shown) != 1 || shown[0].Summary != title {
		t.Errorf("shown were %+v, want one titled %q", shown, title)
	}
}

// count is how often a text is shown.
func count(spots []spot, text string) (n int) {
	for _, at := range spots {
		if at.Text == text {
			n++
		}
	}
	return n
}

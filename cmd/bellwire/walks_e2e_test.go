//go:build linux && !headless

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// desktop is a program with a display of its own that has a window manager,
// and no notification service.
func desktopProgram(t *testing.T, env ...string) (p *program, display, home string) {
	t.Helper()
	display = notifytest.XvfbOf(t, "1400x900x24")
	manageWindows(t, display)
	home = t.TempDir()
	p = newProgram(t, append(env, "DISPLAY="+display, "LC_ALL=en_US.UTF-8", "LANGUAGE=", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)...)
	return p, display, home
}

// follow adds a feed of an nchan channel and waits until it is heard.
func (p *program) follow(server *nchantest.Server, channel string, more ...string) (id string) {
	p.t.Helper()
	id = p.run(append([]string{"add", server.URL("/sse/" + channel), "--name", channel, "--transport", "sse"}, more...)...)
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(p.t, channel, 1)
	return id
}

func TestWalkHistory(t *testing.T) {
	server := nchantest.Start(t)
	p, display, home := desktopProgram(t)
	p.start("--notifier", "none")
	deploys, builds := p.follow(server, "deploys"), p.follow(server, "builds")
	for n := 1; n <= 5; n++ { // all of them are in view
		server.Publish(t, "deploys", "", fmt.Sprintf(`{"title":"deploy %d","text":"to production"}`, n))
		server.Publish(t, "builds", "", fmt.Sprintf(`{"title":"build %d","priority":%d}`, n, n))
	}
	p.awaitRows(deploys, 5)
	p.awaitRows(builds, 5)
	w := p.window(display)
	w.find("deploy 5")
	w.shot("h1-list")

	// search
	w.key("slash")
	w.write("from:deploys 3")
	w.until("one event", func(s []spot) bool {
		return count(s, "deploy 3") == 1 && count(s, "deploy 5") == 0 && count(s, "build 5") == 0
	})
	w.shot("h2-search")
	w.key("ctrl+a")
	w.write("priority:>=x")
	w.find("Cannot read priority:>=x.")
	w.key("ctrl+a")
	w.write("priority:>=4")
	w.until("the two that are urgent", func(s []spot) bool {
		return count(s, "build 5") == 1 && count(s, "build 4") == 1 && count(s, "build 3") == 0
	})

	// saved search: the bookmark beside the field
	w.key("Escape")
	w.key("Escape")
	w.find("deploy 5")
	w.shot("h3")

	// several: click, then Ctrl and a click
	w.click("deploy 1")
	w.keyDown("ctrl")
	w.click("build 1")
	w.click("build 2")
	w.keyUp("ctrl")
	w.find("3 selected")
	w.shot("h4-selected")
	w.key("Delete")
	w.find("3 events deleted.")
	w.shot("h5-deleted")
	w.click("Undo")
	w.find("build 1")
	w.click("deploy 1")
	w.keyDown("ctrl")
	w.click("build 1")
	w.click("build 2")
	w.keyUp("ctrl")
	w.key("Delete")
	w.until("the rows to go", func(s []spot) bool { return count(s, "build 1") == 0 })
	p.awaitPolled(func() bool { return len(p.history(builds)) == 3 && len(p.history(deploys)) == 4 }, "three events to be deleted")
	w.point(w.find("No event selected")) // while the pointer is over the list, nothing is added to it
	p.stop(syscall.SIGTERM)
	p.start("--notifier", "none")
	p.awaitState(builds, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "builds", 1)
	p.run("reconnect", builds)
	server.Publish(t, "builds", "", `{"title":"build 6"}`)
	w.find("build 6")
	if rows := p.history(builds); len(rows) != 4 || rows[0].Title != "build 3" {
		t.Errorf("after a restart there are %+v", rows)
	}

	// all read, and not
	w.key("shift+r")
	w.find("Undo")
	w.shot("h6-allread")
	p.awaitPolled(func() bool { return p.unread() == 0 }, "everything to be read")
	w.click("Undo")
	p.awaitPolled(func() bool { return p.unread() == 8 }, "everything to be unread again")

	// a folder, and a feed dragged into it
	p.run("set", builds, "--folder", "CI")
	w.find("CI")
	w.shot("h7-folder")
	below := w.feedRow("builds")
	below.Y += below.H
	w.drag(w.feedRow("deploys"), below)
	arranged := func() bool {
		feeds, err := p.client().Feeds(t.Context())
		return err == nil && len(feeds) == 2 && feeds[0].Look.Folder == "CI" && feeds[1].Look.Folder == "CI"
	}
	p.awaitPolled(arranged, "both feeds to be in the folder")
	w.shot("h8-dragged")

	// a search that is kept
	w.key("slash")
	w.write("priority:>=4")
	w.until("what it finds", func(s []spot) bool { return count(s, "build 3") == 0 && count(s, "build 4") == 1 })
	field := w.find("priority:>=4")
	w.point(spot{X: field.X + field.W, Y: field.Y, W: 50, H: field.H}) // the bookmark beside it
	w.xdotool("click", "1")
	w.shot("h9-name")
	w.key("ctrl+a")
	w.write("urgent builds")
	w.key("Return")
	w.until("the search among the feeds", func(s []spot) bool { return count(s, "urgent builds") == 1 })
	w.shot("h9-saved")

	// what it finds, as a file
	w.click("build 5")
	w.key("ctrl+a")
	w.find("2 selected")
	w.clickWith("build 4", "click", "3")
	w.click("Export…")
	w.find("Export events")
	w.click("CSV, for spreadsheets")
	path := filepath.Join(home, "urgent.csv")
	w.shot("h10-export")
	w.click(home)
	w.key("ctrl+a")
	w.write(path)
	w.key("Return")
	w.find("2 events were written to")
	w.shot("h11-exported")
	if csv, err := os.ReadFile(path); err != nil || strings.Count(string(csv), "\n") != 3 || !strings.Contains(string(csv), "build 5") {
		t.Errorf("the file says %q, %v", csv, err)
	}

	// all of it is there the next time
	w.end(syscall.SIGTERM)
	p.stop(syscall.SIGTERM)
	p.start("--notifier", "none")
	w = p.window(display)
	w.click("urgent builds")
	w.until("what it finds", func(s []spot) bool { return count(s, "build 3") == 0 && count(s, "build 4") == 1 })
	if w.feedRow("builds").Y > w.feedRow("deploys").Y {
		t.Error("the order was forgotten")
	}
}

// feedRow is where a feed's name is in the sidebar.
func (s *screen) feedRow(name string) (found spot) {
	s.t.Helper()
	s.until("the feed "+name, func(spots []spot) bool {
		i := slices.IndexFunc(spots, func(at spot) bool { return at.Text == name && at.X < 200 })
		if i >= 0 {
			found = spots[i]
		}
		return i >= 0
	})
	return found
}

// unread is how many events nobody has read.
func (p *program) unread() (n int64) {
	feeds, err := p.client().Feeds(p.t.Context())
	if err != nil {
		return -1
	}
	for _, f := range feeds {
		n += f.Unread
	}
	return n
}

// drag pulls one thing to another with the mouse, by way of what is between.
func (s *screen) drag(from, to spot) {
	s.t.Helper()
	s.point(from)
	s.xdotool("mousedown", "1")
	for n := 1; n <= 4; n++ {
		s.point(spot{X: from.X + (to.X-from.X)*n/4, Y: from.Y + (to.Y-from.Y)*n/4, W: to.W, H: to.H})
		_ = s.look() // the window has taken that in
	}
	s.xdotool("mouseup", "1")
}

func (s *screen) keyDown(name string) { s.t.Helper(); s.xdotool("keydown", name) }
func (s *screen) keyUp(name string)   { s.t.Helper(); s.xdotool("keyup", name) }

// Settings hold from the moment they are made.
func TestWalkSettings(t *testing.T) {
	bus := notifytest.Bus(t)
	p, display, _ := desktopProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	dunst := notifytest.DunstOn(t, bus, clickable(), display)
	server := nchantest.Start(t)
	p.start("--notifier", "freedesktop")
	id := p.follow(server, "deploys")
	w := p.window(display, "--settings")
	w.find("Start at login")
	w.shot("s1")

	w.find("is in a folder for temporary files") // as this test is

	w.clickBeside("Theme")
	w.shot("s2-theme")
	w.click("Dark")
	w.shot("s3-dark")
	w.clickBeside("Language")
	w.click("简体中文")
	p.awaitPolled(func() bool { pr, err := p.client().Preferences(t.Context()); return err == nil && pr.Language == "zh" }, "the language")

	w.click("Show one")
	dunst.Click(t)
	w.find("Mark unread") // it was an event like any other
	w.shot("s4-tested")

	p.run("window", "--settings") // as the tray does
	w.find("Start at login")
	w.click("Add")
	w.shot("s5-quiet")
	now := time.Now()
	from, to := now.Add(-time.Hour).Format("15:04"), now.Add(2*time.Hour).Format("15:04")
	w.click("22:00")
	w.key("ctrl+a")
	w.write(from)
	w.key("Tab")
	w.key("ctrl+a")
	w.write(to)
	w.key("Return")
	hours := from + "-" + to
	p.awaitPolled(func() bool { return strings.Contains(p.run("notifications"), hours) }, "quiet hours of %s", hours)
	w.shot("s6-quiet")
	server.Publish(t, "deploys", "", `{"title":"in the night"}`)
	p.awaitRows(id, 1)
	seq := strconv.FormatInt(p.history(id)[0].Seq, 10)
	p.awaitPolled(func() bool { return strings.Contains(p.run("why", seq), "held: quiet hours") }, "the event to be held")

	// the pages of an open window, from elsewhere; another name keeps the
	// connection
	p.run("window", "--edit", "--feed", id)
	w.find("Edit deploys")
	w.shot("s7-edit")
	w.key("ctrl+a")
	w.write("releases")
	w.click("Mapping & rules")
	w.point(w.find("Click a field"))
	w.xdotool("click", "--repeat", "40", "5") // the wheel, down to the end
	w.click("Try on the last 50 events")
	w.find("The one event stays the same.")
	w.shot("s7-tried")
	w.click("Save changes")
	w.until("the new name", func(s []spot) bool { return count(s, "releases") > 0 && count(s, "Save changes") == 0 })
	if n := strings.Count(p.said(), "feed open"); n != 1 {
		t.Errorf("with another name the feed was connected %d times", n)
	}
	p.run("window", "--status", "--feed", id)
	w.find("Connection log")
	w.shot("s8-status")
	w.click("Reconnect now")
	p.awaitPolled(func() bool { return strings.Count(p.said(), "feed open") == 2 }, "another connection")
	w.shot("s9-reconnected")

	w.end(syscall.SIGTERM)
	w = p.window(display)
	w.find("全部")
	w.shot("s10-zh")
}

// clickBeside clicks on the control at the right of a setting.
func (s *screen) clickBeside(text string) {
	s.t.Helper()
	var control spot
	s.until("a control beside "+text, func(spots []spot) bool {
		label, ok := spotOf(spots, text)
		i := slices.IndexFunc(spots, func(at spot) bool {
			return at.X > label.X+label.W/2 && at.Y+at.H > label.Y && at.Y < label.Y+label.H
		})
		if ok = ok && i >= 0; ok {
			control = spots[i]
		}
		return ok
	})
	s.point(control)
	s.xdotool("click", "1")
}

// What ends at once takes nothing with it: a window, what it was about to
// delete; the daemon, what a page was looking at.
func TestWalkKilled(t *testing.T) {
	server := nchantest.Start(t)
	p, display, _ := desktopProgram(t)
	p.start("--notifier", "none")
	id := p.follow(server, "deploys")
	server.Publish(t, "deploys", "", `{"title":"deploy 1"}`, `{"title":"deploy 2"}`)
	p.awaitRows(id, 2)

	w := p.window(display)
	w.click("deploy 1")
	w.find("Mark unread")
	w.key("Delete")
	w.find("1 event deleted.")
	w.end(syscall.SIGKILL)
	w = p.window(display)
	w.find("deploy 1")
	if rows := p.history(id); len(rows) != 2 {
		t.Errorf("history has %+v", rows)
	}

	// in the middle of adding
	w.key("ctrl+n")
	w.find("Paste the address")
	w.write(server.URL("/sse/commits"))
	w.find("Connected. Waiting for the first event…")
	server.Publish(t, "commits", "", `{"title":"fix the build"}`)
	w.find("1 event so far.")
	p.stop(syscall.SIGKILL)
	w.find("Bellwire is not running")
	w.shot("k1-gone")
	p.start("--notifier", "none")
	w.until("the window to be back", func(s []spot) bool { return count(s, "Bellwire is not running") == 0 })
	w.shot("k2-back")
	w.click("Add feed")
	p.awaitPolled(func() bool { feeds, err := p.client().Feeds(t.Context()); return err == nil && len(feeds) == 2 }, "the feed to be added")
	w.shot("k3-added")
	server.AwaitSubscribers(t, "commits", 1)
	server.Publish(t, "commits", "", `{"title":"fix the tests"}`)
	w.find("fix the tests")
}

// While ten thousand events arrive the window does what it is asked.
func TestWalkStorm(t *testing.T) {
	const storm = 10_000
	server := nchantest.Start(t)
	p, display, _ := desktopProgram(t)
	p.start("--notifier", "none")
	id := p.follow(server, "storm")
	w := p.window(display)
	server.Publish(t, "storm", "", `{"title":"calm"}`)
	w.click("calm")
	w.find("Mark unread")
	for first := 0; first < storm; first += 500 {
		server.Publish(t, "storm", "", numbered(first, 500)...)
		if len(w.look()) == 0 {
			t.Fatal("the window shows nothing any more")
		}
		w.key([]string{"r", "Down", "Up"}[first/500%3])
	}
	w.key("question")
	w.find("Keyboard")
	w.key("Escape")
	p.awaitRows(id, storm+1)
	w.find("10001 events")
	// What came while somebody reads waits, and is counted.
	w.find("10000 new")
	w.shot("storm")
	w.click("10000 new")
	w.find("event 9999")
}

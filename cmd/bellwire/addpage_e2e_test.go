//go:build linux && !headless

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// newDoor is a server with a page for people, a stream behind a token, and
// nothing else.
func newDoor(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/page":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<!doctype html><title>Hello</title><p>A page.")
		case r.URL.Path != "/private":
			http.NotFound(w, r)
		case r.Header.Get("Authorization") != "Bearer sesame":
			http.Error(w, "no", http.StatusUnauthorized)
		default:
			openStream(w).say("data: {\"title\":\"The door is open\",\"message\":\"Come in.\"}\n\n")
			<-r.Context().Done()
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

// address writes another address into the page that adds a feed.
func (s *screen) address(text string) {
	s.t.Helper()
	s.awaitInput()
	s.key("ctrl+a")
	s.write(text)
	s.find(text)
}

// below clicks so many pixels below a text, where its input is.
func (s *screen) below(text string, pixels int) {
	s.t.Helper()
	s.clickWith(text, "mousemove_relative", "--", "0", strconv.Itoa(pixels), "click", "1")
	s.awaitInput()
}

// A person adds and edits feeds with mouse and keyboard, and every address
// that is none is told in words of its own.
func TestFeedsAreAddedAndEditedInTheWindow(t *testing.T) {
	server, door := nchantest.Start(t), newDoor(t)
	display := notifytest.XvfbOf(t, "1400x900x24")
	home := t.TempDir()
	p := newProgram(t, "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start("--notifier", "none")
	w := p.window(display)
	w.find("Welcome to Bellwire")

	w.key("ctrl+n")
	w.find("Paste the address")
	for _, c := range []struct{ name, address, says string }{
		{"nobody", "http://127.0.0.1:9/none", "The server cannot be reached."},
		{"page", door.URL + "/page", "This is not a stream."},
		{"missing", door.URL + "/gone", "Nothing at this address."},
		{"private", door.URL + "/private", "Credentials are missing or wrong."},
	} {
		w.address(c.address)
		w.find(c.says)
		w.shot("add-" + c.name)
	}
	w.below("Token or password", 28)
	w.write("wrong")
	w.find("This token was refused. Paste another one.")
	w.shot("add-refused")
	w.key("ctrl+a")
	w.write("sesame")
	w.find("The door is open")
	w.shot("add-open")
	w.key("ctrl+Return")
	id := p.awaitFeed(door.URL + "/private")
	p.awaitRows(id, 1)
	w.find("The door is open")

	left := func() {
		w.until("the page is left", func(spots []spot) bool {
			return !slices.ContainsFunc(spots, func(at spot) bool { return strings.HasPrefix(at.Text, "Paste the address") })
		})
	}
	for i, path := range []string{server.URL("/sse/plain"), server.WS("/ws/plain")} {
		left()
		w.key("ctrl+n")
		w.find("Paste the address")
		w.address(path)
		w.find("Connected.")
		server.AwaitSubscribers(t, "plain", 1)
		server.Publish(t, "plain", "", fmt.Sprintf(`{"title":"Deploy %d failed","message":"step test","level":"info"}`, i))
		w.find(fmt.Sprintf("Deploy %d failed", i))
		w.shot(fmt.Sprintf("add-plain-%d", i))
		w.key("ctrl+Return")
		id = p.awaitFeed(path)
		p.awaitState(id, subscriptions.StateOpen)
	}
	server.Publish(t, "plain", "", `{"title":"Deploy 9 failed","message":"step test"}`)
	w.find("Deploy 9 failed")

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := p.client().Show(ctx, control.Show{Page: control.PageEdit, Feed: id}); err != nil {
		t.Fatal(err)
	}
	w.find("Save changes")
	w.awaitInput()
	w.key("ctrl+a")
	w.write("Edited here")
	w.shot("edit-basics")
	w.click("Mapping & rules")
	w.find("How it would look")
	w.shot("edit-mapping")
	w.below("A condition: what is no event", 28)
	w.write("data.message contains 'test'")
	w.shot("edit-rule")
	w.xdotool("click", "--repeat", "12", "--delay", "20", "5")
	w.click("Try on the last 50 events")
	w.find("1 of 1 events change.")
	w.shot("edit-trial")
	w.key("ctrl+Return")
	p.await(func(ctx context.Context, c *control.Client) bool {
		s, err := c.Status(ctx)
		return err == nil && len(s.Feeds) == 3 && strings.Contains(fmt.Sprint(s.Feeds), "Edited here")
	}, "the change is saved")
	w.find("Edited here")
	w.shot("edited")
}

// awaitFeed waits until there is a feed of an address and returns its id.
func (p *program) awaitFeed(address string) (id string) {
	p.t.Helper()
	p.await(func(ctx context.Context, c *control.Client) bool {
		s, err := c.Status(ctx)
		for _, f := range s.Feeds {
			if f.URL == address {
				id = f.ID
			}
		}
		return err == nil && id != ""
	}, "a feed of %s", address)
	return id
}

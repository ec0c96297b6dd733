//go:build linux && !headless

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/notify/notifytest"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// picturesEnv names the folder that the pictures of the documentation are
// written to:
//
//	BELLWIRE_PICTURES=docs/images go test -tags gles -run Pictures ./cmd/bellwire
const picturesEnv = "BELLWIRE_PICTURES"

// TestPictures takes the pictures of README and guide from the program itself,
// on a display as large as the window is at first.
func TestPictures(t *testing.T) {
	dir := os.Getenv(picturesEnv)
	if dir == "" {
		t.Skip("set " + picturesEnv + " to a folder to have the pictures made")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir) // tests run in their package's folder
	}
	display := notifytest.XvfbOf(t, "1180x760x24")
	home := t.TempDir()
	servers := startServers(t)
	p := newProgram(t, "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home,
		"LC_ALL=en_GB.UTF-8", "http_proxy="+servers, "HTTP_PROXY="+servers)
	tellStory(t, filepath.Join(p.dir, "bellwire.db"), time.Now())
	p.start("--notifier", "none")
	p.run("notifications", "--quiet", "22:30-07:00", "--quiet", "sat,sun 21:00-09:00")
	for _, id := range []string{"ci", "deploys", "backups", "home", "weather"} {
		p.awaitState(id, subscriptions.StateOpen)
	}
	p.awaitState("metrics", subscriptions.StateWaiting)

	w := p.window(display)
	picture := func(name string) {
		s := *w
		s.xdotool("mousemove", "1179", "759")
		s.settle()
		s.picture(filepath.Join(dir, name+".png"))
	}
	w.click("Checkout 412 failed")
	w.find("Open link")
	w.click("Fields")
	picture("window")
	w.key("slash")
	w.write(`from:backups "nightly backup"`)
	w.settle()
	w.click("12.4 GB in 6 min 20 s")
	w.find("Mark unread")
	picture("search")
	w.end(syscall.SIGTERM)

	w = p.window(display, "--add")
	w.click("https://")
	w.write("http://shop.example.org/events")
	w.find("Click a field")
	w.click("Order 2041 came back")
	w.click("Title")
	w.find("What came last")
	picture("add")
	w.end(syscall.SIGTERM)

	w = p.window(display, "--settings")
	w.find("Quiet hours")
	for range 6 {
		w.xdotool("mousemove", "600", "400", "click", "5")
	}
	picture("settings")
	w.end(syscall.SIGTERM)

	preferDark(t, home)
	w = p.window(display)
	w.find("Checkout 412 failed")
	w.settle()
	w.click("Checkout 412 failed")
	w.find("Open link")
	w.click("Fields")
	picture("window-dark")
}

// settle waits until the display shows the same three times, or for a little
// where something counts down or blinks.
func (s *screen) settle() {
	s.t.Helper()
	var last []byte
	for same, looks := 0, 0; same < 3 && looks < 8; looks++ {
		cmd := exec.Command("import", "-window", "root", "rgb:-")
		cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
		now, err := cmd.Output()
		if err != nil {
			s.t.Fatal(err)
		}
		if same++; !bytes.Equal(now, last) {
			same = 0
		}
		last = now
		s.xdotool("sleep", "0.2")
	}
}

// picture writes what the display shows with the colours that it needs.
func (s *screen) picture(path string) {
	s.t.Helper()
	cmd := exec.Command("import", "-window", "root", "+dither", "-colors", "256", "-strip", "-define", "png:compression-level=9", "png8:"+path)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("import: %v\n%s", err, out)
	}
}

// preferDark chooses the dark theme as the settings page does.
func preferDark(t *testing.T, home string) {
	t.Helper()
	var paths []string
	_ = filepath.WalkDir(home, func(path string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Base(path) == "preferences.json" {
			paths = append(paths, path)
		}
		return nil
	})
	if len(paths) == 0 {
		t.Fatal("the window has stored no preferences")
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		prefs := map[string]any{}
		if err := json.Unmarshal(text, &prefs); err != nil {
			t.Fatal(err)
		}
		prefs["look.theme"] = "dark"
		if text, err = json.Marshal(prefs); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// startServers is a proxy that answers for every host with an event stream:
// example.org is nobody's, and nothing leaves this machine.
func startServers(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch host, _, _ := strings.Cut(r.Host, ":"); {
		case host == "metrics.example.org":
			http.Error(rw, "busy", http.StatusServiceUnavailable)
			return
		case r.URL.Path != "/events":
			http.NotFound(rw, r)
			return
		case host == "shop.example.org":
			sendEvents(rw, shopEvents)
		default:
			sendEvents(rw, nil)
		}
		select {
		case <-r.Context().Done():
		case <-ctx.Done():
		}
	}))
	t.Cleanup(func() { cancel(); s.CloseClientConnections(); s.Close() })
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.String()
}

func sendEvents(w io.Writer, events []string) {
	rw := w.(http.ResponseWriter)
	rw.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(rw, ": hello\n\n")
	for i, e := range events {
		fmt.Fprintf(rw, "id: %d\ndata: %s\n\n", i+1, e)
	}
	rw.(http.Flusher).Flush()
}

// shopEvents have no field that is found by itself: a person says what is the
// title.
var shopEvents = []string{
	`{"order":2039,"state":"packed","what":"Order 2039 is packed","items":1,"total":"18.50 EUR","page":"https://shop.example.org/orders/2039","urgency":3}`,
	`{"order":2040,"state":"paid","what":"Order 2040 is paid","items":4,"total":"112.00 EUR","page":"https://shop.example.org/orders/2040","urgency":3}`,
	`{"order":2041,"state":"returned","what":"Order 2041 came back","items":2,"total":"46.90 EUR","page":"https://shop.example.org/orders/2041","urgency":4}`,
}

// A past is an event of so long ago.
type past struct {
	ago      time.Duration
	feed     string
	title    string
	body     string
	priority int
	unread   bool
	raw      string
}

const failedTest = "Step “test” ended with exit code 1 after 2 min 11 s.\n\n" +
	"--- FAIL: TestCheckout/discount (0.03 s)\n    total: got 46.90, want 41.90\n\n" +
	"See https://ci.example.org/checkout/412 for the whole log."

// story is a calm day with one thing to look at.
var story = []past{
	{4 * time.Minute, "home", "The washing machine is done", "Cotton 40 °C, 1 h 52 min.", 3, true, `{"device":"washer","state":"done","minutes":112}`},
	{9 * time.Minute, "ci", "Checkout 412 failed", failedTest, 5, true, `{"job":"checkout","build":412,"branch":"main","result":"failed","step":"test","exit_code":1,"seconds":131,"tags":["main","test"]}`},
	{16 * time.Minute, "ci", "Website 411 passed", "Branch main, 3 min 14 s, 1,204 tests.", 3, true, `{"job":"website","build":411,"result":"passed"}`},
	{31 * time.Minute, "deploys", "Search 5.2 is live", "In all three zones, 0 errors in ten minutes.", 3, true, `{"service":"search","version":"5.2"}`},
	{47 * time.Minute, "weather", "Strong wind from 18:00", "Gusts of up to 75 km/h until midnight.", 4, false, `{"kind":"wind","level":2}`},
	{58 * time.Minute, "home", "客厅温度 26.5 °C", "高于设定值 24 °C，已运行 20 分钟。", 3, false, `{"room":"living","celsius":26.5}`},
	{72 * time.Minute, "ci", "Mobile app 410 passed", "Branch release, 6 min 40 s, 388 tests.", 3, false, `{"job":"mobile","build":410,"result":"passed"}`},
	{95 * time.Minute, "deploys", "Deploying search 5.2", "To production, zone by zone.", 3, false, `{"service":"search","version":"5.2"}`},
	{2 * time.Hour, "metrics", "Disk on web-2 at 91 %", "/var is growing by 2 % an hour.", 4, false, `{"host":"web-2","disk":"/var","percent":91}`},
	{3 * time.Hour, "ci", "Billing 409 passed", "Branch main, 1 min 58 s, 641 tests.", 3, false, `{"job":"billing","build":409,"result":"passed"}`},
	{5 * time.Hour, "home", "Front door opened", "And closed after 12 s.", 2, false, `{"door":"front"}`},
	{7 * time.Hour, "backups", "Nightly backup done", "12.4 GB in 6 min 20 s, 31 backups kept.", 3, false, `{"job":"nightly","gigabytes":12.4}`},
	{31 * time.Hour, "backups", "Nightly backup done", "12.4 GB in 6 min 02 s, 30 backups kept.", 3, false, `{"job":"nightly","gigabytes":12.4}`},
	{55 * time.Hour, "backups", "Nightly backup done", "12.3 GB in 5 min 58 s, 30 backups kept.", 3, false, `{"job":"nightly","gigabytes":12.3}`},
}

// tellStory makes feeds and their history of the last three days.
func tellStory(t *testing.T, path string, now time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, f := range []struct{ id, name, folder, colour string }{
		{"ci", "CI", "Work", "teal"},
		{"deploys", "Deploys", "Work", "purple"},
		{"metrics", "Metrics", "Work", ""},
		{"home", "Home", "At home", "orange"},
		{"weather", "Weather", "At home", "blue"},
		{"backups", "Backups", "", ""},
	} {
		if err := db.AddFeed(t.Context(), subscriptions.Feed{
			ID: f.id, Name: f.name, URL: "http://" + f.id + ".example.org/events", Transport: subscriptions.TransportSSE,
			Look: subscriptions.Look{Folder: f.folder, Colour: f.colour}, Created: now.AddDate(0, 0, -40),
		}); err != nil {
			t.Fatal(err)
		}
	}
	events := backgroundOf(story)
	for i := len(events) - 1; i >= 0; i-- { // the oldest first
		e := events[i]
		row := subscriptions.Event{
			Kind: subscriptions.KindEvent, Title: e.title, Body: e.body, Priority: e.priority, Read: !e.unread, Raw: e.raw,
			MessageID: strconv.Itoa(len(events) - i), Silent: true, Received: now.Add(-e.ago),
		}
		if e.feed == "ci" {
			row.Link, row.Tags = "https://ci.example.org/checkout/412", []string{"main", "test"}
		}
		if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: e.feed, Events: []subscriptions.Event{row}, Cursor: row.MessageID, Seen: now}); err != nil {
			t.Fatal(err)
		}
	}
}

// backgroundOf puts between and behind what is told what a day has beside it:
// passed builds, more of them in working hours.
func backgroundOf(story []past) (all []past) {
	next := 408
	for _, e := range story {
		for len(all) > 0 && e.ago > 3*time.Hour && all[len(all)-1].ago+40*time.Minute < e.ago {
			last := all[len(all)-1].ago
			feed, title, body := "ci", fmt.Sprintf("Website %d passed", next), "Branch main, 3 min 9 s, 1,204 tests."
			if next%3 == 0 {
				feed, title, body = "home", "The heating is on", "Living room, to 21 °C."
			}
			step := 12 * time.Minute
			if h := int(last.Hours()) % 24; h > 6 && h < 16 {
				step = 95 * time.Minute
			}
			all = append(all, past{last + step + time.Duration(next%7)*time.Minute, feed, title, body, 3, false, "{}"})
			next--
		}
		all = append(all, e)
	}
	return all
}

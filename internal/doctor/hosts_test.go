package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// Nobody is asked but the hosts that a person has named, though they lead
// elsewhere, and with --offline nobody is.
func TestHosts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Alt-Svc", `h3="elsewhere.example:443"`)
		w.Header().Set("Link", "<http://elsewhere.example/>; rel=preconnect")
		http.Redirect(w, &http.Request{}, "http://elsewhere.example/", http.StatusFound)
	}))
	defer server.Close()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "WAYLAND_DISPLAY"} {
		t.Setenv(name, "")
	}
	t.Setenv("DISPLAY", "screen.example:1")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	dir := t.TempDir()
	var mu sync.Mutex
	var asked []string
	o := Options{
		Data: dir, State: dir, Runtime: dir, Database: dir + "/bellwire.db", Log: dir + "/log", Socket: dir + "/sock", Secrets: dir + "/secrets.json",
		Feeds: []subscriptions.Feed{
			{ID: "a", URL: "http://ann:pw@a.example/deep?to=elsewhere.example"},
			{ID: "b", URL: "ws://b.example:8080/"},
			{ID: "c", URL: "https://c.example/"},
			{ID: "d", URL: "http://d.example/", Proxy: "http://proxy.example:3128"},
			{ID: "e", URL: "http://paused.example/", Paused: true},
		},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if network == "unix" { // this machine's
				return nil, errors.New("nobody there")
			}
			mu.Lock()
			asked = append(asked, address)
			mu.Unlock()
			return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(server.URL, "http://"))
		},
	}
	Examine(t.Context(), o)
	slices.Sort(asked)
	want := []string{"a.example:80", "b.example:8080", "c.example:443", "proxy.example:3128"}
	if desktop := slices.ContainsFunc(desktopChecks(), func(c check) bool { return c.name == "display" }); desktop {
		want = append(want, "screen.example:6001")
	}
	if d := cmp.Diff(want, asked); d != "" {
		t.Error(d)
	}
	asked, o.Offline = nil, true
	Examine(t.Context(), o)
	if len(asked) > 0 {
		t.Errorf("with --offline it asked %v", asked)
	}
}

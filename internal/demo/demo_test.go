package demo

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/tmaxmax/go-sse"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *Server {
	t.Helper()
	s, err := Start("127.0.0.1:0", 5*time.Millisecond, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// deploys reads n events from behind id.
func deploys(t *testing.T, s *Server, after string, n int) (ids []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.Feeds()[0].URL, nil)
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for e, err := range sse.Read(resp.Body, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(e.Data)) {
			t.Errorf("not JSON: %s", e.Data)
		}
		ids = append(ids, e.LastEventID)
		if len(ids) == n {
			break
		}
	}
	return ids
}

// alerts does the same over the WebSocket.
func alerts(t *testing.T, s *Server, after string, n int) (ids []string) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), s.Feeds()[1].URL+"?since="+after, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for len(ids) < n {
		_, b, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var e struct{ ID string }
		if err := json.Unmarshal(b, &e); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func TestBothFeedsResume(t *testing.T) {
	for name, read := range map[string]func(*testing.T, *Server, string, int) []string{"sse": deploys, "websocket": alerts} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			first := read(t, s, "", 5)
			again := read(t, s, first[1], 3)
			if got, want := strings.Join(again, " "), strings.Join(first[2:], " "); got != want {
				t.Errorf("behind %s came %s, want %s", first[1], got, want)
			}
			if all := read(t, s, "forgotten", 1); len(all) != 1 {
				t.Errorf("an unknown position: %v", all)
			}
		})
	}
}

func TestJournalIsBounded(t *testing.T) {
	var j journal
	for n := range 5 * journalSize {
		j.add(deploy(n, time.Unix(int64(n), 0)))
	}
	if entries, _ := j.after("gone"); len(entries) > journalSize {
		t.Errorf("%d entries", len(entries))
	}
}

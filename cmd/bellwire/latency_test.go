//go:build linux

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// BenchmarkNotifyLatency sends ten events a second to the real program and
// tells how long each takes from the server's write to the desktop's Notify
// call: through the stream, the database (synchronous=FULL), the policy and
// the message bus. One iteration is one event.
func BenchmarkNotifyLatency(b *testing.B) {
	payloads := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		for {
			_ = http.NewResponseController(w).Flush()
			select {
			case p := <-payloads:
				fmt.Fprintf(w, "data: %s\n\n", p)
			case <-r.Context().Done():
				return
			}
		}
	}))
	defer server.Close()
	bus := notifytest.Bus(b)
	recorder := notifytest.Record(b, bus)
	p := newProgram(b, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "freedesktop")
	defer p.stop(syscall.SIGTERM) // before the server, which waits for its connections
	if err := p.client().SetPreferences(b.Context(), subscriptions.Preferences{Burst: subscriptions.MaxBurst, Every: 1}); err != nil {
		b.Fatal(err)
	}
	f, err := p.client().AddFeed(b.Context(), control.NewFeed{
		URL: server.URL, Name: "latency", Transport: subscriptions.TransportSSE,
		Settings: subscriptions.Settings{Notify: subscriptions.Notify{Burst: subscriptions.MaxBurst, Every: 1}},
	})
	if err != nil {
		b.Fatal(err)
	}
	p.awaitState(f.ID, subscriptions.StateOpen)
	payloads <- `{"title":"the first"}` // comes late, as what a connection begins with
	if _, err := recorder.Wait(b.Context(), 1); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		<-tick.C
		sent := time.Now()
		payloads <- fmt.Sprintf(`{"title":"event %d","body":"What a server has to say about it, in a line or two."}`, len(took))
		got, err := recorder.Wait(b.Context(), len(took)+2)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, got[len(got)-1].Received.Sub(sent))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

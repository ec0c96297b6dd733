package sse_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "bellwire/subscriptions"
	"bellwire/subscriptions/sse"
)

// piped is a Transport whose server is serve, at the other end of a pipe, so
// that time passes in a bubble.
func piped(t *testing.T, serve func(net.Conn)) *sse.Transport {
	var servers sync.WaitGroup
	t.Cleanup(servers.Wait)
	return &sse.Transport{Client: &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			servers.Go(func() {
				defer server.Close()
				serve(server)
			})
			return client, nil
		},
	}}}
}

func TestConnectTimeout(t *testing.T) {
	for _, tc := range []struct {
		name  string
		serve func(net.Conn)
		limit time.Duration
		want  time.Duration
	}{
		{"silence", func(c net.Conn) {
			answer(c, "")
			_, _ = io.ReadFull(c, make([]byte, 1)) // until the client hangs up
		}, 0, DefaultConnectTimeout},
		{"a byte of the header now and then", func(c net.Conn) {
			answer(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := io.WriteString(c, "X"); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}, 7 * time.Second, 7 * time.Second},
		{"nobody reads the request", func(c net.Conn) { time.Sleep(time.Hour) }, time.Minute, time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tg := target(t, "http://pipe/", "")
				tg.ConnectTimeout = tc.limit
				began := time.Now()
				wantError(t, piped(t, tc.serve).Run(t.Context(), tg, newSink()), Transient, CodeTimeout)
				if d := time.Since(began); d != tc.want {
					t.Errorf("after %v, want %v", d, tc.want)
				}
			})
		})
	}
}

func TestConnectTimeoutDoesNotBoundTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := piped(t, func(c net.Conn) {
			answer(c, head+"\r\n")
			time.Sleep(24 * time.Hour)
			_, _ = io.WriteString(c, "data: late\n\n")
		})
		out := newSink()
		began := time.Now()
		wantError(t, tr.Run(t.Context(), target(t, "http://pipe/", ""), out), Transient, CodeClosed)
		m := <-out.messages
		if m.Data != "late" || !m.Received.Equal(began.Add(24*time.Hour)) {
			t.Errorf("got %v", m)
		}
	})
}

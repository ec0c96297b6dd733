package sse_test

import (
	"strings"
	"testing"

	"bellwire/internal/transporttest"
	. "bellwire/subscriptions"
	"bellwire/subscriptions/sse"
)

func TestConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Subject{
		New: func(t testing.TB) Transport {
			tr := new(sse.Transport)
			t.Cleanup(tr.CloseIdleConnections)
			return tr
		},
		Feed:   Feed{Transport: TransportSSE},
		Scheme: "http",
		Path:   "/sse/",
		Open:   func(p *transporttest.Peer) { p.Write(head + "\r\n") },
		Send: func(p *transporttest.Peer, id, data string) {
			if id != "" {
				p.Write("id: " + id + "\n")
			}
			p.Write("data: " + strings.ReplaceAll(data, "\n", "\ndata: ") + "\n\n")
		},
		Part:   func(p *transporttest.Peer) { p.Write("id: 9\ndata: unfinished\n") },
		HasIDs: true,
	})
}

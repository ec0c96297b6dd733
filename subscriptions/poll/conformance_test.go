package poll

import (
	"fmt"
	"testing"

	"bellwire/internal/transporttest"
	"bellwire/subscriptions"
)

func TestLongPollConformance(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
	transporttest.Run(t, transporttest.Subject{
		New:    func(testing.TB) subscriptions.Transport { return &Transport{Long: true} },
		Feed:   subscriptions.Feed{Transport: subscriptions.TransportLongPoll},
		Scheme: "http",
		Open:   func(*transporttest.Peer) {},
		Send: func(p *transporttest.Peer, _, data string) {
			p.Write(fmt.Sprintf(head, len(data), data))
			p.Next()
		},
		Part:  func(p *transporttest.Peer) { p.Write(fmt.Sprintf(head, 100, "unfinished")) },
		Polls: true,
	})
}

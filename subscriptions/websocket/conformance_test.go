package websocket

import (
	"crypto/sha1"
	"encoding/base64"
	"testing"

	"bellwire/internal/transporttest"
	"bellwire/subscriptions"
)

// asked reports whether the client wants ids.
func asked(p *transporttest.Peer) bool {
	return p.Request.Header.Get("Sec-WebSocket-Protocol") == metaProtocol
}

func TestConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Subject{
		New:    func(testing.TB) subscriptions.Transport { return &Transport{} },
		Feed:   subscriptions.Feed{Transport: subscriptions.TransportWebSocket, Settings: subscriptions.Settings{Subprotocols: []string{metaProtocol}}},
		Scheme: "ws",
		Path:   "/ws/",
		Open: func(p *transporttest.Peer) {
			sum := sha1.Sum([]byte(p.Request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
			p.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
				base64.StdEncoding.EncodeToString(sum[:]) + "\r\n")
			if asked(p) {
				p.Write("Sec-WebSocket-Protocol: " + metaProtocol + "\r\n")
			}
			p.Write("\r\n")
		},
		Send: func(p *transporttest.Peer, id, data string) {
			if asked(p) && id != "" {
				data = "id: " + id + "\n\n" + data
			}
			p.Write(frame(final|opText, data))
		},
		Part: func(p *transporttest.Peer) {
			p.Write(frame(opText, "id: 9\n\nunfinished") + frame(opContinuation, "still"))
		},
		End:            func(p *transporttest.Peer) { p.Write(closeFrame(1001, "")) },
		HasIDs:         true,
		Room:           len("id: 1\n\n"),
		RefusesBadText: true,
	})
}

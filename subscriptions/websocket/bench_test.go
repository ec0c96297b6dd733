package websocket

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"
)

var errEnough = errors.New("enough")

// counter is a sink that ends the connection after some messages.
type counter struct{ left int }

func (*counter) Opened(bool)              {}
func (*counter) Alive(subscriptions.Life) {}
func (*counter) Retry(time.Duration)      {}
func (c *counter) Message(context.Context, subscriptions.Message) error {
	if c.left--; c.left == 0 {
		return errEnough
	}
	return nil
}

// BenchmarkMessages reads messages of 300 bytes from a loopback connection.
func BenchmarkMessages(b *testing.B) {
	plain := strings.Repeat("x", 300)
	object := `{"type":"event","data":{"text":"` + strings.Repeat("x", 263) + `"}}`
	for _, bm := range []struct {
		name, text string
		heartbeat  subscriptions.Heartbeat
	}{
		{"plain", plain, subscriptions.Heartbeat{}},
		{"heartbeat", plain, subscriptions.Heartbeat{Send: "ping", Expect: "pong"}},
		{"heartbeat of JSON", object, subscriptions.Heartbeat{Send: `{"type":"ping"}`, Expect: `{"type":"pong"}`}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			block := []byte(strings.Repeat(frame(final|opText, bm.text), 100))
			url := serve(b, "", func(conn net.Conn, _ *bufio.Reader) {
				for {
					if _, err := conn.Write(block); err != nil {
						return
					}
				}
			})
			b.SetBytes(300)
			b.ReportAllocs()
			b.ResetTimer()
			err := new(Transport).Run(b.Context(), subscriptions.Target{URL: url, Heartbeat: bm.heartbeat}, &counter{b.N})
			if !errors.Is(err, errEnough) {
				b.Fatal(err)
			}
		})
	}
}

// Package porttest gives tests loopback addresses of their own.
//
// An address from port 0 is anybody's as soon as its listener is closed: of
// the next process that listens, and of any outgoing connection. A test whose
// server comes and goes needs one that stays its own.
package porttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// The ports lie below those that systems choose from by themselves, so that
// no outgoing connection takes one while its server is down.
const first, count = 10240, 5000

// Reserve returns a loopback address (host:port) at which nobody listens, and
// which no other caller is given before the test ends, in this process or
// another one. It is safe for concurrent use.
func Reserve(t testing.TB) (addr string) {
	t.Helper()
	var err error
	for range 1000 {
		addr = fmt.Sprintf("127.0.0.1:%d", first+rand.IntN(count))
		// The UDP port of the same number is the token: unlike the TCP port
		// it can be held while a server uses the address.
		var token net.PacketConn
		if token, err = net.ListenPacket("udp", addr); err != nil {
			continue
		}
		var l net.Listener
		if l, err = net.Listen("tcp", addr); err != nil {
			token.Close()
			continue
		}
		l.Close()
		t.Cleanup(func() { token.Close() })
		return addr
	}
	t.Fatalf("no free loopback port found: %v", err)
	return ""
}

package porttest_test

import (
	"errors"
	"net"
	"syscall"
	"testing"

	"bellwire/internal/porttest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReserve(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		addr := porttest.Reserve(t)
		if seen[addr] {
			t.Fatalf("%s is given twice", addr)
		}
		seen[addr] = true
		if c, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
			if err == nil {
				c.Close()
			}
			t.Fatalf("somebody is at %s: %v", addr, err)
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}

func TestTheTestsEndGivesItBack(t *testing.T) {
	var addr string
	t.Run("holds", func(t *testing.T) {
		addr = porttest.Reserve(t)
		if c, err := net.ListenPacket("udp", addr); err == nil {
			c.Close()
			t.Error("not held")
		}
	})
	c, err := net.ListenPacket("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

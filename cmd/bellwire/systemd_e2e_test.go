//go:build linux

package main

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// systemd is told when the command line is answered, and when that ends.
func TestSystemdIsTold(t *testing.T) {
	p := newProgram(t)
	path := filepath.Join(filepath.Dir(p.dir), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	heard := func(want string) {
		t.Helper()
		b := make([]byte, 1<<10)
		if err := socket.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		n, err := socket.Read(b)
		if err != nil || string(b[:n]) != want {
			t.Fatalf("heard %q, want %q (%v)", b[:n], want, err)
		}
	}
	p.env = append(p.env, "NOTIFY_SOCKET="+path)
	p.start("--headless")
	heard("READY=1")
	p.run("feeds") // answered
	p.stop(syscall.SIGTERM)
	heard("STOPPING=1")
}

package faultproxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/faultproxy"
	"bellwire/internal/porttest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a server that sends back what it gets, and hello first.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.WriteString(c, "hello\n")
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// dial connects and reads the greeting.
func dial(t *testing.T, p *faultproxy.Proxy) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := bufio.NewReader(c)
	expect(t, r, "hello\n")
	return c, r
}

func expect(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	if got, err := r.ReadString('\n'); got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func write(t *testing.T, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}

func TestFaultsOfTheBytes(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault faultproxy.Fault
	}{
		{"none", faultproxy.Fault{}},
		{"split", faultproxy.Fault{Split: true}},
		{"slow", faultproxy.Fault{Rate: 1000}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := faultproxy.Start(t, echo(t))
			c, r := dial(t, p)
			p.Set(tc.fault)
			write(t, c, strings.Repeat("x", 100)+"\n")
			expect(t, r, strings.Repeat("x", 100)+"\n")
			if n := len(p.Accepted()); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestBlackhole(t *testing.T) {
	p := faultproxy.Start(t, echo(t))
	c, r := dial(t, p)
	p.Set(faultproxy.Fault{Blackhole: true})
	write(t, c, "held\n")
	fresh, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatalf("a black hole should accept: %v", err)
	}
	defer fresh.Close()
	for _, silent := range []net.Conn{c, fresh} {
		_ = silent.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("something came through: %v", err)
		}
		_ = silent.SetReadDeadline(time.Time{})
	}
	p.Set(faultproxy.Fault{})
	expect(t, r, "held\n")
	expect(t, bufio.NewReader(fresh), "hello\n")
}

func TestReset(t *testing.T) {
	p := faultproxy.Start(t, echo(t))
	_, r := dial(t, p)
	p.Reset()
	if _, err := r.ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
	dial(t, p)
}

func TestCut(t *testing.T) {
	p := faultproxy.Start(t, echo(t))
	c, r := dial(t, p)
	p.Cut(4)
	write(t, c, "123456789\n")
	if got, err := io.ReadAll(r); string(got) != "1234" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	c, r = dial(t, p)
	write(t, c, "whole\n")
	expect(t, r, "whole\n")
	p.CutNext(len("hello\n") + 3)
	c, r = dial(t, p)
	write(t, c, "123456789\n")
	if got, err := io.ReadAll(r); string(got) != "123" || err != nil {
		t.Errorf("of the next connection got %q, %v", got, err)
	}
	dial(t, p)
}

func TestRefuse(t *testing.T) {
	p := faultproxy.Start(t, echo(t))
	c, r := dial(t, p)
	p.Refuse()
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
	write(t, c, "still here\n")
	expect(t, r, "still here\n")
	p.Accept()
	dial(t, p)
}

func TestAnswer(t *testing.T) {
	p := faultproxy.Start(t, echo(t))
	p.Answer(2, faultproxy.Answer{Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"7"}}})
	for range 2 {
		resp, err := http.Get(p.URL("http", "/x"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "7" {
			t.Errorf("%s %v", resp.Status, resp.Header)
		}
	}
	dial(t, p)
}

func TestServerGone(t *testing.T) {
	p := faultproxy.Start(t, porttest.Reserve(t))
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("something came from nowhere")
	}
}

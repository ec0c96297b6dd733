package program

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// part is what makes this test program play one.
func part(name string, args ...string) Options {
	return Options{Argv: append([]string{os.Args[0]}, args...), Env: []string{played + "=" + name}, Timeout: 5 * time.Minute}
}

func TestToldWithoutInterpretation(t *testing.T) {
	o := part("echo", "$(id)", "a b", "")
	o.Env = append(o.Env, "TOLD=first", "TOLD=`id`; $HOME")
	o.Stdin = []byte("in\x00put")
	err := Run(t.Context(), o)
	exit, ok := errors.AsType[*ExitError](err)
	if !ok || exit.Code != 3 {
		t.Fatalf("%v", err)
	}
	if want := `["$(id)" "a b" ""] "` + "`id`; $HOME" + `" "in\x00put"`; exit.Said != want {
		t.Errorf("it was told %s, want %s", exit.Said, want)
	}
}

func TestExit(t *testing.T) {
	tests := map[string]struct {
		o    Options
		want string // of the error; empty for none
	}{
		"well":                     {part("fail", "0", "said something"), ""},
		"silent":                   {part("fail", "7"), "exit status 7"},
		"the first line with text": {part("fail", "1", "\n  \n\x1b[31mno\tway\xff\x07 \nmore\n"), "exit status 1: [31mno way\ufffd"},
		"a long line":              {part("fail", "1", strings.Repeat("é", 300)), "exit status 1: " + strings.Repeat("é", 200) + "…"},
		"much output":              {part("noisy"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := Run(t.Context(), test.o)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || err.Error() != test.want {
				t.Errorf("%q, want %q", err, test.want)
			}
		})
	}
}

func TestOutputIsBounded(t *testing.T) {
	o := part("fail", "1", "12345678")
	o.MaxOutput = 4
	if err := Run(t.Context(), o); err == nil || err.Error() != "exit status 1: 1234" {
		t.Error(err)
	}
}

func TestStdinNobodyReads(t *testing.T) {
	o := part("fail", "0")
	o.Stdin = make([]byte, 1<<20)
	if err := Run(t.Context(), o); err != nil {
		t.Error(err)
	}
}

func TestTimeOver(t *testing.T) {
	o := part("flood")
	o.Timeout = 50 * time.Millisecond
	err := Run(t.Context(), o)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "within 50ms") {
		t.Error(err)
	}
}

func TestCannotStart(t *testing.T) {
	for _, argv := range [][]string{nil, {""}, {"/nowhere/at/all"}, {"no-such-program-at-all"}} {
		err := Run(t.Context(), Options{Argv: argv})
		if _, ran := errors.AsType[*ExitError](err); err == nil || ran {
			t.Errorf("%q: %v", argv, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ended, part("fail", "0")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// held waits for a program that calls in, and gives the connection, which
// ends with that program.
func held(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	if err := l.(*net.TCPListener).SetDeadline(time.Now().Add(3 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(3 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// What a program leaves behind does not make it a failure, even where it
// keeps our pipe.
func TestWhatIsLeftRunning(t *testing.T) {
	l := listen(t)
	if err := Run(t.Context(), part("leave", l.Addr().String())); err != nil {
		t.Error(err)
	}
	conn := held(t, l) // alive, until the connection ends
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Error(err)
	}
}

func TestOutput(t *testing.T) {
	o := part("noisy")
	o.MaxOutput = 8
	if said, err := Output(t.Context(), o); said != "oooooooo" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	o.MaxOutput = 0
	if said, err := Output(t.Context(), o); said != strings.Repeat("o", DefaultMaxOutput) || err != nil {
		t.Errorf("%d bytes, %v", len(said), err)
	}
	if said, err := Output(t.Context(), part("fail", "7", "x")); said != "" || err == nil || err.Error() != "exit status 7: x" {
		t.Errorf("%q, %v", said, err)
	}
}

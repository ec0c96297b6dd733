package notify

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// execPart in the environment makes this program one that the exec backend
// runs.
const execPart = "BELLWIRE_TEST_EXEC"

// playExec is that program.
func playExec(part string, args []string) {
	switch part {
	case "record": // what it was told, in a folder
		input, _ := io.ReadAll(os.Stdin)
		env := slices.DeleteFunc(os.Environ(), func(s string) bool {
			return !strings.HasPrefix(s, "BELLWIRE_") || strings.HasPrefix(s, execPart)
		})
		b, _ := json.Marshal(map[string]any{"env": env, "args": args[1:], "input": string(input)})
		if err := os.WriteFile(filepath.Join(args[0], "told"), b, 0o600); err != nil {
			os.Exit(9)
		}
	case "fail":
		fmt.Fprintln(os.Stderr, "\n\x1b]0;it\x07 does not work")
		os.Exit(4)
	case "wait": // until somebody says so
		conn, err := net.Dial("tcp", args[0])
		if err != nil {
			os.Exit(9)
		}
		if b, _ := io.ReadAll(conn); len(b) == 0 {
			os.Exit(9)
		}
	case "screen": // tell somebody, and answer when that one says to go on
		conn, err := net.Dial("tcp", args[0])
		if err != nil {
			os.Exit(9)
		}
		if _, err := io.Copy(conn, os.Stdin); err != nil {
			os.Exit(9)
		}
		if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
			os.Exit(9)
		}
		fmt.Fprintln(conn, "seen")
		_, _ = io.Copy(io.Discard, conn) // until it was
	case "stay":
		interrupted := make(chan os.Signal, 1) // the runtime takes a bare select for a deadlock
		signal.Notify(interrupted, os.Interrupt)
		<-interrupted
	}
}

func execBackendFor(t *testing.T, part string, o ExecOptions, args ...string) Backend {
	t.Helper()
	t.Setenv(execPart, part)
	o.Argv = append([]string{os.Args[0]}, args...)
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	b := NewExec(o)
	t.Cleanup(func() { b.Close() })
	return b
}

func TestExecTellsEverything(t *testing.T) {
	dir := t.TempDir()
	b := execBackendFor(t, "record", ExecOptions{}, dir, "$(id) %s")
	n := Notification{
		Seq: 7, Summary: 2, Feed: "deploys", FeedName: "Deploys", Title: "$(id) `id`\x00; '\"", Body: "one\r\ntwo\x1b[0m",
		Link: "https://example.org/?a=b&c", Priority: 4, Tags: []string{"a,b", "", "c\nd"}, Update: true,
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)),
	}
	if err := b.Show(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Env, Args []string
		Input     string
	}
	raw, err := os.ReadFile(filepath.Join(dir, "told"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.Env)
	if d := cmp.Diff([]string{
		"BELLWIRE_BODY=one\ntwo[0m", "BELLWIRE_FEED=deploys", "BELLWIRE_FEED_NAME=Deploys", "BELLWIRE_LINK=https://example.org/?a=b&c",
		"BELLWIRE_PRIORITY=4", "BELLWIRE_SEQ=7", "BELLWIRE_SUMMARY=2", "BELLWIRE_TAGS=a b,c d", "BELLWIRE_TIME=2026-01-02T02:04:05Z",
		"BELLWIRE_TITLE=$(id) `id`; '\"", "BELLWIRE_UPDATE=true",
	}, got.Env); d != "" {
		t.Errorf("environment (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"$(id) %s"}, got.Args); d != "" {
		t.Errorf("arguments (-want +got):\n%s", d)
	}
	want := `{"seq":7,"summary":2,"feed":"deploys","feed_name":"Deploys","title":"$(id) ` + "`id`" + `; '\"","body":"one\ntwo[0m",` +
		`"link":"https://example.org/?a=b\u0026c","priority":4,"tags":["a,b","c d"],"time":"2026-01-02T02:04:05Z","update":true}` + "\n"
	if d := cmp.Diff(want, got.Input); d != "" {
		t.Errorf("input (-want +got):\n%s", d)
	}
}

func TestExecFails(t *testing.T) {
	if err := execBackendFor(t, "fail", ExecOptions{}).Show(t.Context(), Notification{Seq: 1}); !errors.Is(err, ErrRejected) || !strings.HasSuffix(err.Error(), "exit status 4: ]0;it does not work") {
		t.Error(err)
	}
	if err := execBackendFor(t, "stay", ExecOptions{Timeout: 50 * time.Millisecond}).Show(t.Context(), Notification{Seq: 1}); !errors.Is(err, ErrRejected) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	missing := NewExec(ExecOptions{Argv: []string{"/nowhere/at/all"}})
	defer missing.Close()
	if err := missing.Show(t.Context(), Notification{Seq: 1}); !errors.Is(err, ErrRejected) {
		t.Error(err)
	}
}

// One slot: the second program starts when the first has ended, and who waits
// in vain ends with its context.
func TestExecSlots(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	slots := make(chan struct{}, 1)
	b := execBackendFor(t, "wait", ExecOptions{Slots: slots}, l.Addr().String())
	shown := make(chan error, 2)
	for seq := range int64(2) {
		go func() { shown <- b.Show(t.Context(), Notification{Seq: seq}) }()
	}
	for range 2 {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if len(slots) != 1 {
			t.Errorf("%d slots taken", len(slots))
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Show(ended, Notification{Seq: 9}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrRejected) {
			t.Errorf("without a slot: %v", err)
		}
		if _, err := conn.Write([]byte("go")); err != nil {
			t.Error(err)
		}
		conn.Close()
		if err := <-shown; err != nil {
			t.Error(err)
		}
	}
}

func TestExecClose(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := execBackendFor(t, "wait", ExecOptions{}, l.Addr().String())
	shown := make(chan error, 1)
	go func() { shown <- b.Show(t.Context(), Notification{Seq: 1}) }()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := <-shown; err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("interrupted: %v", err)
	}
	if err := b.Show(t.Context(), Notification{Seq: 2}); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("closed: %v", err)
	}
}

func TestToldIsCleanAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		huge := rapid.Map(nasty(), func(s string) string { return strings.Repeat(s, 500) })
		some := rapid.OneOf(nasty(), huge)
		n := Notification{
			Title: some.Draw(t, "title"), Body: some.Draw(t, "body"), Link: some.Draw(t, "link"), Feed: some.Draw(t, "feed"),
			FeedName: some.Draw(t, "name"), Tags: rapid.SliceOfN(some, 0, 100).Draw(t, "tags"),
		}
		size := 0
		for _, v := range tell(n).environment() {
			size += len(v)
			if strings.ContainsRune(v, 0) || !utf8.ValidString(v) {
				t.Fatalf("%q", v)
			}
		}
		if size > 64<<10 {
			t.Fatalf("%d bytes", size)
		}
	})
}

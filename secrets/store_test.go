package secrets

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"
)

func self(t *testing.T, role string) []string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{name, role}
}

// newStore makes a store with a log to look at.
func newStore(t *testing.T, keyring ...string) (*Store, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	return New(Options{File: filepath.Join(t.TempDir(), "secrets.json"), Keyring: keyring, Logger: slog.New(slog.NewTextHandler(&log, nil))}), &log
}

func TestFileKeepsWhatNoKeyringTakes(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for name, child := range map[string][]string{
		"no keyring at all":  nil,
		"no bus to reach it": self(t, "keyring"),
		"no such program":    {"/nonexistent/bellwire"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
				child = nil // there always is a keyring
			}
			s, log := newStore(t, child...)
			ctx := t.Context()
			one, err := s.Put(ctx, "deploys", "päss word")
			if err != nil {
				t.Fatal(err)
			}
			two, err := s.Put(ctx, "deploys", "other")
			if err != nil || one == two || !strings.HasPrefix(string(one), "stored:deploys-") {
				t.Fatalf("%q and %q, %v", one, two, err)
			}
			if said := strings.Count(log.String(), "keyring cannot be used"); (said == 1) != (child != nil) || said > 1 {
				t.Errorf("said %d times:\n%s", said, log)
			}
			if info, err := os.Stat(s.file.path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			again := New(Options{File: s.file.path, Logger: slog.New(slog.DiscardHandler)})
			if got, err := again.get(ctx, one); got != "päss word" || err != nil {
				t.Errorf("after a restart %q, %v", got, err)
			}
			if err := again.Remove(ctx, []subscriptions.Credential{{Secret: one}, {Secret: "env:HOME"}, {Secret: "stored:gone"}}); err != nil {
				t.Error(err)
			}
			if _, err := again.get(ctx, one); !errors.Is(err, errNotFound) {
				t.Errorf("removed: %v", err)
			}
			if got, err := again.get(ctx, two); got != "other" || err != nil {
				t.Errorf("the other one: %q, %v", got, err)
			}
		})
	}
}

func TestDamagedFileIsNotQuotedNorOverwritten(t *testing.T) {
	s, _ := newStore(t)
	if err := os.WriteFile(s.file.path, []byte(`{"a":"hush`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(t.Context(), "x", "y")
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(s.file.path); string(b) != `{"a":"hush` {
		t.Errorf("the file is now %q", b)
	}
}

func TestReferences(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) subscriptions.SecretRef {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return subscriptions.SecretRef("file:" + path)
	}
	t.Setenv("BELLWIRE_TEST", "from the environment")
	s, _ := newStore(t)
	for name, tc := range map[string]struct {
		ref       subscriptions.SecretRef
		want, err string
	}{
		"environment":     {ref: "env:BELLWIRE_TEST", want: "from the environment"},
		"unset":           {ref: "env:BELLWIRE_TEST_UNSET", err: "not set where Bellwire runs"},
		"file":            {ref: write("a", "tok en\r\n"), want: "tok en"},
		"two line ends":   {ref: write("b", "x\n\n"), want: "x\n"},
		"empty file":      {ref: write("c", "\n"), err: "it is empty"},
		"largest file":    {ref: write("d", strings.Repeat("x", subscriptions.MaxSecret)+"\n"), want: strings.Repeat("x", subscriptions.MaxSecret)},
		"too large":       {ref: write("e", strings.Repeat("x", subscriptions.MaxSecret+1)), err: "longer than"},
		"no file":         {ref: subscriptions.SecretRef("file:" + dir + "/none"), err: "none"},
		"folder":          {ref: subscriptions.SecretRef("file:" + dir), err: "no regular file"},
		"command":         {ref: `command:["printf","%s\n","a $(b) c"]`, want: "a $(b) c"},
		"failing command": {ref: `command:["sh","-c","echo hush; echo hush >&2; exit 3"]`, err: "exit status 3"},
		"no command":      {ref: `command:["/nonexistent/x"]`, err: "/nonexistent/x"},
		"endless command": {ref: subscriptions.SecretRef(`command:["` + self(t, "")[0] + `","flood"]`), err: "longer than"},
		"silent command":  {ref: `command:["true"]`, err: "it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.get(t.Context(), tc.ref)
			if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got %.40q, %v; want %.40q, %q", got, err, tc.want, tc.err)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

// A command or a keyring that hangs ends with the attempt it is asked for.
func TestHangingEndsWithTheAttempt(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	s, log := newStore(t, self(t, "hang")...)
	for _, ref := range []subscriptions.SecretRef{"keyring:x", subscriptions.SecretRef(`command:["` + self(t, "")[0] + `","hang"]`)} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := s.get(ctx, ref); err == nil {
			t.Errorf("%s answered", ref)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if ref, err := s.Put(ctx, "x", "y"); err != nil || !strings.HasPrefix(string(ref), "stored:") {
		t.Errorf("with a keyring that waits: %q, %v", ref, err)
	}
	if !strings.Contains(log.String(), "unlocked") {
		t.Errorf("the log says\n%s", log)
	}
}

func TestNonsenseFromTheKeyring(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	s, _ := newStore(t, self(t, "nonsense")...)
	if _, err := s.get(t.Context(), "keyring:x"); err == nil {
		t.Error("taken for an answer")
	}
}

func TestSessionBus(t *testing.T) {
	for name, tc := range map[string]struct{ address, want string }{
		"none":           {"", ""},
		"launch":         {"autolaunch:", ""},
		"given":          {"unix:path=/a", "unix:path=/a"},
		"after a launch": {"autolaunch:; unix:path=/a", "unix:path=/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", tc.address)
			t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
			got, err := sessionBus()
			if got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

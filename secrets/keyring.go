package secrets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"bellwire/subscriptions"

	"github.com/godbus/dbus/v5"
	wallet "github.com/zalando/go-keyring"
)

// service is the name under which the keyring keeps our entries.
const service = "Bellwire"

var (
	errNoKeyring = errors.New("no keyring can be reached from here")
	errLocked    = errors.New("the keyring stays locked")
	errNoBus     = errors.New("there is no session bus")
)

// keyringCall is what a child process is asked, and its answer.
type (
	keyringCall struct {
		Do    string `json:"do"` // get, set, delete
		Entry string `json:"entry"`
		Value string `json:"value,omitempty"`
	}
	keyringAnswer struct {
		Value    string `json:"value,omitempty"`
		NotFound bool   `json:"not_found,omitempty"`
		Locked   bool   `json:"locked,omitempty"`
		Error    string `json:"error,omitempty"`
	}
)

// ServeKeyring is the whole work of the child process that
// [Options.Keyring] names: one question from r, its answer to w.
func ServeKeyring(r io.Reader, w io.Writer) error {
	var c keyringCall
	if err := json.NewDecoder(io.LimitReader(r, 8*subscriptions.MaxSecret)).Decode(&c); err != nil {
		return fmt.Errorf("reading a question for the keyring: %w", err)
	}
	var a keyringAnswer
	var err error
	switch c.Do {
	case "get":
		a.Value, err = wallet.Get(service, c.Entry)
	case "set":
		err = wallet.Set(service, c.Entry, c.Value)
	case "delete":
		err = wallet.Delete(service, c.Entry)
	default:
		err = fmt.Errorf("the keyring cannot %q", c.Do)
	}
	switch {
	case errors.Is(err, wallet.ErrNotFound):
		a.NotFound = true
	case err != nil && strings.HasPrefix(err.Error(), "failed to unlock"): // the library has no type for it
		a.Locked = true
	case err != nil:
		a.Error = subscriptions.Terse(err).Error()
	}
	return json.NewEncoder(w).Encode(a)
}

// A keyring asks the system's keyring in a process of its own. On Linux and
// BSD the library uses the message bus connection that the whole process
// shares, where it would answer for the tray's signals, and it waits for ever
// for a person to unlock the keyring. A child has a connection of its own and
// can be ended.
type keyring struct {
	argv []string
	// mu lets one child ask at a time: one prompt is enough.
	mu sync.Mutex
}

func (k *keyring) call(ctx context.Context, c keyringCall) (string, error) {
	env := os.Environ()
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		address, err := sessionBus()
		if err != nil {
			return "", err
		}
		// With an address the library cannot launch a bus of its own.
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+address)
	}
	question, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if ctx.Err() == nil {
		cmd := exec.CommandContext(ctx, k.argv[0], k.argv[1:]...)
		cmd.Env, cmd.Stdin, cmd.WaitDelay = env, bytes.NewReader(question), time.Second
		out, err := cmd.Output()
		if err == nil {
			return readAnswer(out)
		}
		if ctx.Err() == nil {
			return "", fmt.Errorf("asking the keyring: %w", err)
		}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "", errTimeout
	}
	return "", ctx.Err()
}

func readAnswer(out []byte) (string, error) {
	var a keyringAnswer
	if err := json.Unmarshal(out, &a); err != nil {
		return "", errors.New("the keyring's answer cannot be read")
	}
	switch {
	case a.NotFound:
		return "", errNotFound
	case a.Locked:
		return "", errLocked // asking again soon would show its prompt again
	case a.Error != "":
		return "", fmt.Errorf("%w: %s", errNoKeyring, a.Error)
	}
	return a.Value, nil
}

// sessionBus is the address of the user's message bus, never one that would
// have to be launched (D-Bus Specification, Server Addresses).
func sessionBus() (string, error) {
	for address := range strings.SplitSeq(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), ";") {
		if address = strings.TrimSpace(address); address != "" && !strings.HasPrefix(address, "autolaunch:") {
			return address, nil
		}
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		path := filepath.Join(dir, "bus")
		if info, err := os.Stat(path); err == nil && info.Mode().Type() == os.ModeSocket {
			return "unix:path=" + dbus.EscapeBusAddressValue(path), nil
		}
	}
	return "", errNoBus
}

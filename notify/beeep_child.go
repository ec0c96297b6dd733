package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/gen2brain/beeep"
)

// maxChildInput bounds what a child reads: text and a path.
const maxChildInput = 1 << 20

// childCall is one notification on its way to a child process.
type childCall struct {
	App   string `json:"app"`
	Title string `json:"title"`
	Body  string `json:"body"`
	Icon  string `json:"icon"`
}

// SendBeeep is the whole work of the child process that [Options.BeeepChild]
// names: it reads one notification from r and sends it.
func SendBeeep(r io.Reader) error {
	var c childCall
	if err := json.NewDecoder(io.LimitReader(r, maxChildInput)).Decode(&c); err != nil {
		return fmt.Errorf("reading a notification: %w", err)
	}
	beeep.AppName = c.App
	return beeep.Notify(c.Title, c.Body, c.Icon)
}

// beeepByChild sends through a process of its own. On Linux and BSD the
// library uses the message bus connection that the whole process shares: with
// every signal that comes meanwhile the tray's watcher on that connection
// ends, and a malformed one ends the process. A child has a connection of its
// own, nothing to lose, and can be killed when it hangs.
// It dies with life.
func beeepByChild(life context.Context, o Options) (func(title, body string, icon any) error, error) {
	if len(o.BeeepChild) == 0 {
		return nil, fmt.Errorf("the notification backend %q needs a process of its own here: use %q", "beeep", "freedesktop")
	}
	if _, err := sessionBusAddress(); err != nil {
		return nil, err
	}
	return func(title, body string, icon any) error {
		// Asked anew each time: the bus may have moved. With an address the
		// library cannot launch a bus of its own.
		address, err := sessionBusAddress()
		if err != nil {
			return err
		}
		path, _ := icon.(string)
		input, err := json.Marshal(childCall{App: o.AppName, Title: title, Body: body, Icon: path})
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(life, beeepTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, o.BeeepChild[0], o.BeeepChild[1:]...)
		cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address)
		cmd.WaitDelay = time.Second // for its own children, who may hold the pipes
		cmd.Stdin = bytes.NewReader(input)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%w: %s", err, oneLine(said.String(), maxTitle))
		}
		return nil
	}, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
	"bellwire/internal/upgrade"
	"bellwire/storage"
)

// A handover is what a process tells the one that it becomes, beside its
// arguments and environment.
type handover struct {
	// From is the version that it was.
	From string `json:"from"`
	// Lock is the open file that holds the folder's lock; 0: none.
	Lock uintptr `json:"lock,omitempty"`
	// Children are the windows that it has started and that still run; they
	// are the children of what it becomes.
	Children []int `json:"children,omitempty"`
	// Ends is when --for is over.
	Ends time.Time `json:"ends,omitzero"`
	// Demo is the throwaway folder of --demo.
	Demo string `json:"demo,omitempty"`
	// Failed says why the installed program could not be started; the old one
	// goes on then.
	Failed string `json:"failed,omitempty"`
}

// handoverName is the variable of the environment that holds a handover.
const handoverName = "BELLWIRE_HANDOVER"

// takeHandover is what the process before this one has left; nil: there was
// none. Nobody that this process starts sees it.
func takeHandover() *handover {
	text, ok := os.LookupEnv(handoverName)
	if !ok {
		return nil
	}
	_ = os.Unsetenv(handoverName)
	h := new(handover)
	if json.Unmarshal([]byte(text), h) != nil {
		return nil
	}
	return h
}

// environ is the environment of what this process becomes.
func (h handover) environ() []string {
	b, err := json.Marshal(h)
	if err != nil {
		panic(err) // it holds nothing that cannot be written
	}
	return append(os.Environ(), handoverName+"="+string(b))
}

// lock is the lock that was handed over; nil: none was.
func (h *handover) lock() *os.File {
	if h == nil || h.Lock == 0 {
		return nil
	}
	return inherited(h.Lock)
}

// children are the processes that this one has started and that are to be
// waited for by what it becomes.
type children struct {
	mu   sync.Mutex
	pids []int
}

// adopt waits for those of the process before this one: nobody else can.
func (c *children) adopt(h *handover) {
	if h == nil {
		return
	}
	for _, pid := range h.Children {
		p, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		c.began(pid)
		go func() {
			_, _ = p.Wait()
			c.ended(pid)
		}()
	}
}

func (c *children) began(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pids = append(c.pids, pid)
}

func (c *children) ended(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pids = slices.DeleteFunc(c.pids, func(p int) bool { return p == pid })
}

func (c *children) running() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.pids)
}

// becomeInstalled ends this process and starts the program that is installed,
// with the same arguments. It returns only what went wrong, or nil where the
// other is a process of its own. Where the installed one cannot be started
// after all, it becomes what it is once more, where the system can.
func (e *env) becomeInstalled(args []string, h handover, lock *os.File) error {
	h.From = programVersion()
	if lock != nil {
		h.Lock = lock.Fd()
	}
	err := become(e.program.Path(), e.program.Path(), args, h, lock)
	if err == nil || e.program.Image() == "" {
		return err
	}
	h.Failed = err.Error()
	return errors.Join(err, become(e.program.Image(), e.program.Path(), args, h, lock))
}

// tellRestart says in the log what the daemon was before.
func tellRestart(log *slog.Logger, h *handover) {
	switch {
	case h == nil:
	case h.Failed != "":
		log.Error("the installed program could not be started, and the old one goes on", "error", h.Failed)
	default:
		log.Info("restarted", "before", h.From, "now", programVersion())
	}
}

// restartWait bounds the wait for the new daemon. It may have a large database
// to change.
const restartWait = 5 * time.Minute

type restartCmd struct{}

// Help is shown by kong.
func (c *restartCmd) Help() string {
	return "Bellwire ends and becomes the program that is installed now, with the arguments it was started with; nothing is lost or told twice. A program that cannot be started is refused, and the old one goes on."
}

// Run returns when the new daemon answers.
func (c *restartCmd) Run(e *env) error {
	client := e.client()
	before, err := client.Status(e.ctx)
	if err != nil {
		return err
	}
	if err := client.Restart(e.ctx); err != nil {
		if r, ok := errors.AsType[*control.Error](err); ok && r.Unknown {
			return withHint(fmt.Errorf("the running Bellwire %s cannot restart itself", before.Version), "Stop it with: bellwire quit, and start it again with: bellwire")
		}
		return err
	}
	ctx, cancel := context.WithTimeout(e.ctx, restartWait)
	defer cancel()
	after, err := restarted(ctx, e.dirs, client, before)
	if err != nil {
		return err
	}
	if after.Version == before.Version {
		fmt.Fprintf(e.out, "Bellwire %s has been restarted.\n", after.Version)
		return nil
	}
	fmt.Fprintf(e.out, "Bellwire %s has been restarted and is now %s.\n", before.Version, after.Version)
	return nil
}

// restarted waits for the daemon after the one that said before.
func restarted(ctx context.Context, dirs daemon.Dirs, client *control.Client, before control.Status) (control.Status, error) {
	tick := time.NewTicker(waitStep)
	defer tick.Stop()
	for {
		s, err := client.Status(ctx)
		if err == nil && !s.Started.Equal(before.Started) {
			return s, nil
		}
		if errors.Is(err, control.ErrNoDaemon) && runtime.GOOS != "windows" {
			// The lock is handed over without a gap: nobody has it when the
			// new one has ended.
			look, cancel := context.WithTimeout(ctx, waitStep)
			ended := dirs.Ended(look)
			cancel()
			if ended == nil {
				return s, withHint(errors.New("bellwire has ended and could not start again"), "Its log says why: %s", dirs.Log())
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return s, withHint(errors.New("bellwire was told to restart and does not answer yet"), "Its log says what it does: %s", dirs.Log())
		}
	}
}

// schemaCmd is how a running Bellwire learns whether this one can open its
// database.
type schemaCmd struct{}

func (c *schemaCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.out, storage.Schema())
	return err
}

// upgradeWords tell of an installed program; empty where there is none.
func upgradeWords(s control.Status) string {
	u := s.Upgrade
	switch {
	case u == nil:
		return ""
	case u.State == control.UpgradeReady && u.Version == s.Version:
		return "another build of " + u.Version + " is installed; change to it with: bellwire restart"
	case u.State == control.UpgradeReady:
		return u.Version + " is installed; finish the upgrade with: bellwire restart"
	case u.State == control.UpgradeBroken:
		return "another version is installed, but it cannot be started: " + u.Problem
	case u.State == control.UpgradeRemoved:
		return "the program has been removed from " + u.Path + "; this one goes on until it ends"
	}
	return string(u.State) // of a newer daemon
}

// otherVersion adds to a refusal that comes from a daemon of another version.
// Nothing else is told: where daemon and command line understand each other,
// their versions are nobody's trouble.
func (e *env) otherVersion(err error) error {
	if r, ok := errors.AsType[*control.Error](err); !ok || !r.Unknown {
		return err
	}
	if _, told := errors.AsType[*hintError](err); told {
		return err
	}
	s, failed := e.client().Status(e.ctx)
	if failed != nil || s.Version == programVersion() {
		return err
	}
	return withHint(fmt.Errorf("the running Bellwire does not know what it was asked: %w", err),
		"Bellwire %s is still running, and this is %s; restart it with: bellwire restart", s.Version, programVersion())
}

// installed is this program where it was started from; nil where it cannot be
// found, and is not watched then.
func installed() *upgrade.Program {
	p, err := upgrade.Self()
	if err != nil {
		return nil
	}
	return p
}

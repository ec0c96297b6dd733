package notify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"bellwire/internal/program"
)

// DefaultExecSlots is how many programs of the exec backend run at once
// unless told otherwise.
const DefaultExecSlots = 4

// ExecOptions say what the exec backend runs.
type ExecOptions struct {
	// Argv is the program and its arguments; nothing of a notification ever
	// becomes part of it.
	Argv []string
	// Timeout is how long it may run; zero is [program.DefaultTimeout].
	Timeout time.Duration
	// Slots has room for as many values as programs may run at once; backends
	// can share one. Nil is one of its own, with [DefaultExecSlots].
	Slots chan struct{}
	// Logger is nil for none.
	Logger *slog.Logger
}

// execBackend tells a program of every notification.
type execBackend struct {
	o      ExecOptions
	log    *slog.Logger
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // grows under mu, while not closed
}

// NewExec makes the backend "exec": each notification runs a program, told by
// the variables and the JSON object that docs/exec.md describes. It is not
// among [Names]: somebody names the program first.
//
// A program that fails, takes too long or is not there rejects the
// notification: to run it again could do twice what it did.
func NewExec(o ExecOptions) Backend {
	if o.Slots == nil {
		o.Slots = make(chan struct{}, DefaultExecSlots)
	}
	b := &execBackend{o: o, log: Options{Logger: o.Logger}.logger()}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

func (b *execBackend) Name() string { return "exec" }

// Show waits for a slot, then for the program's end.
func (b *execBackend) Show(ctx context.Context, n Notification) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return errClosed
	}
	b.running.Add(1)
	b.mu.Unlock()
	defer b.running.Done()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.ctx, cancel)()
	select {
	case b.o.Slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.o.Slots }()

	told := tell(n)
	input, err := told.json()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	start := time.Now()
	err = program.Run(ctx, program.Options{Argv: b.o.Argv, Env: told.environment(), Stdin: input, Timeout: b.o.Timeout})
	if err == nil {
		b.log.Debug("a program was told of a notification", "seq", n.Seq, "took", time.Since(start))
		return nil
	}
	if ctx.Err() == nil && final(err) {
		return fmt.Errorf("%w: the program: %w", ErrRejected, err)
	}
	return fmt.Errorf("the program: %w", err)
}

// final reports whether running the program again would help nobody.
func final(err error) bool {
	_, failed := errors.AsType[*program.ExitError](err)
	return failed || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

// Close kills the programs that run and waits for them.
func (b *execBackend) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.running.Wait()
	return nil
}

package program

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

const (
	// DefaultTimeout is how long a program may run unless told otherwise.
	DefaultTimeout = 10 * time.Second
	// DefaultMaxOutput is how much of a program's standard error is kept, in
	// bytes, unless told otherwise.
	DefaultMaxOutput = 4 << 10
	// pipesTime is how long what a program left behind may keep its standard
	// error open.
	pipesTime = time.Second
)

// Options say what to run.
type Options struct {
	// Argv is the program, looked for in PATH where it has no slash, and its
	// arguments.
	Argv []string
	// Env is added to this process's environment as "NAME=value"; a name
	// that is there already gets the new value. The caller bounds it and
	// keeps NUL out.
	Env []string
	// Stdin is all of the standard input. A program need not read it.
	Stdin []byte
	// Timeout is how long it may run; zero is [DefaultTimeout].
	Timeout time.Duration
	// MaxOutput is how much of the standard error is kept for the error, and
	// of the standard output by [Output], in bytes each; zero is
	// [DefaultMaxOutput]. The rest is thrown away.
	MaxOutput int
}

// An ExitError is a program that ran and failed.
type ExitError struct {
	// Code is the exit status; -1 when a signal ended it.
	Code int
	// Said is the first line of the standard error that is not empty, as
	// printable text of at most 200 characters.
	Said string
	err  error
}

// Error implements error.
func (e *ExitError) Error() string {
	if e.Said == "" {
		return e.err.Error()
	}
	return e.err.Error() + ": " + e.Said
}

// Unwrap gives the [exec.ExitError].
func (e *ExitError) Unwrap() error { return e.err }

// Run runs a program to its end. On Unix it gets a process group of its own,
// which is killed as a whole when the time is over or ctx ends; what a program
// leaves running when it ends by itself goes on. On Windows the program alone
// is killed.
//
// A program that fails gives an [*ExitError]; one that took too long an error
// that wraps [context.DeadlineExceeded]; an ended ctx its error; one that could
// not be started what the system said. Safe for concurrent use.
func Run(ctx context.Context, o Options) error { return run(ctx, o, nil) }

// Output is [Run] for a program that answers: it returns the beginning of what
// it wrote to its standard output, as it came.
func Output(ctx context.Context, o Options) (string, error) {
	said := head{limit: cmp.Or(max(o.MaxOutput, 0), DefaultMaxOutput)}
	err := run(ctx, o, &said)
	return said.buf.String(), err
}

// run runs a program; out is nil where nobody wants its output.
func run(ctx context.Context, o Options, out *head) error {
	if len(o.Argv) == 0 || o.Argv[0] == "" {
		return errors.New("no program is named")
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, o.Argv[0], o.Argv[1:]...)
	cmd.Env = append(cmd.Environ(), o.Env...)
	cmd.Stdin = bytes.NewReader(o.Stdin)
	said := head{limit: o.MaxOutput}
	if said.limit <= 0 {
		said.limit = DefaultMaxOutput
	}
	cmd.Stderr = &said
	if out != nil { // a nil head is no nil writer
		cmd.Stdout = out
	}
	cmd.WaitDelay = pipesTime
	ownGroup(cmd)
	err := cmd.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay) && limited.Err() == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("the program did not end within %s: %w", timeout, limited.Err())
	case failed:
		return &ExitError{Code: exit.ExitCode(), Said: firstLine(said.buf.Bytes()), err: exit}
	}
	return err
}

// head keeps the beginning of what is written and swallows the rest, so that
// nobody waits for a full pipe.
type head struct {
	buf   bytes.Buffer // not embedded: its ReadFrom has no limit
	limit int
}

func (h *head) Write(b []byte) (int, error) {
	h.buf.Write(b[:min(len(b), h.limit-h.buf.Len())])
	return len(b), nil
}

//go:build !headless

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"

	"bellwire/storage"
	"bellwire/ui/window"
	"bellwire/ui/words"
)

// tellFailure shows why Bellwire did not start to somebody who has no terminal
// to read it in: who has clicked on it, or logged in. After a restart the window
// that tellFailed opens says it, and whom a service manager starts its log.
//
// The message is a process of its own: a script, too, may start Bellwire where
// there is a display, and waits for its end and for all that it says.
func tellFailure(e *env, err error) {
	if err == nil || e.after != nil || os.Getenv("NOTIFY_SOCKET") != "" || isTerminal(e.err) || checkDisplay(e.ctx) != nil {
		return
	}
	title, text := failureWords(err)
	if title == "" {
		return
	}
	m := window.Message{Title: title, Text: text, Detail: err.Error()}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		m.Detail = e.Path + ": " + e.Err.Error() // people do not know system calls
	}
	if hint := failureHint(err); hint != "" {
		m.Detail += "\n\n" + hint
	}
	_ = startTelling(e, m) // it is on standard error as well
}

// startTelling starts a [tellCmd], which keeps nothing of ours open.
func startTelling(e *env, m window.Message) error {
	text, err := json.Marshal(m)
	if err != nil || len(text) > maxTold {
		return errors.Join(err, errors.New("the message is too long"))
	}
	name, argv, err := e.self("tell")
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = w.Write(text) // a pipe holds as much before anybody reads it
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	cmd := exec.Command(name, argv...)
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// maxTold bounds a message to be told, in bytes: less than a pipe holds on any
// system.
const maxTold = 4 << 10

// tellCmd is the window that shows a message until it is closed.
type tellCmd struct{}

// Run reads the message from standard input.
func (c *tellCmd) Run(e *env) error {
	if err := checkDisplay(e.ctx); err != nil {
		return err
	}
	var m window.Message
	if err := json.NewDecoder(io.LimitReader(e.in, maxTold)).Decode(&m); err != nil {
		return fmt.Errorf("reading the message: %w", err)
	}
	return window.Tell(e.ctx, m)
}

// failureWords are a failure to start in the person's language; empty where
// it is none of those that a person can mend.
func failureWords(err error) (title, text string) {
	if r, ok := errors.AsType[*storage.Refusal](err); ok {
		return words.Failure(string(r.Kind))
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return words.Failure("folder")
	}
	return "", ""
}

// failureHint is what to do about a failure, as the command line says it.
func failureHint(err error) string {
	if h, ok := errors.AsType[*hintError](err); ok {
		return h.hint
	}
	if r, ok := errors.AsType[*storage.Refusal](err); ok {
		return r.Hint()
	}
	return ""
}

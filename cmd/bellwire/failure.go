//go:build !headless

package main

import (
	"errors"
	"io/fs"

	"bellwire/storage"
	"bellwire/ui/window"
	"bellwire/ui/words"
)

// tellFailure shows why Bellwire did not start to somebody who has no terminal
// to read it in: who has clicked on it, or logged in. It returns when the
// window is closed. After a restart the window that tellFailed opens says it.
func tellFailure(e *env, err error) {
	if err == nil || e.after != nil || !hasDesktop() || isTerminal(e.err) {
		return
	}
	title, text := failureWords(err)
	if title == "" {
		return
	}
	m := window.Message{Title: title, Text: text, Detail: err.Error()}
	if hint := failureHint(err); hint != "" {
		m.Detail += "\n\n" + hint
	}
	_ = window.Tell(e.ctx, m) // it is on standard error as well
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

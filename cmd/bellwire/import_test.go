//go:build linux

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes to keeps whoever opens it; Ctrl-C ends that.
func TestAPipeThatNobodyWritesToCanBeLeft(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var told strings.Builder
	go func() {
		ended <- run(ctx, []string{"--dir", t.TempDir(), "import", pipe}, stdio{strings.NewReader(""), io.Discard, &told})
	}()
	stop()
	if code := <-ended; code != exitFailed {
		t.Errorf("the exit code is %d, want %d", code, exitFailed)
	}
	if want := "stopped while waiting for it to be written"; !strings.Contains(told.String(), want) {
		t.Errorf("told %q, want %q in it", told.String(), want)
	}
	if t.Failed() {
		return // nobody may be about to open it
	}
	// What opens the pipe, now or later, gets a writer, and then its end. A
	// writer that did not wait for the reader could be gone before it comes.
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	writer.Close()
}

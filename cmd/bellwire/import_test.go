//go:build linux

package main

import (
	"context"
	"io"
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
	// What waits for a writer gets one, and ends.
	fd, err := syscall.Open(pipe, syscall.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Close(fd)
}

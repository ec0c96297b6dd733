//go:build !windows

package program

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"
)

// What the program started dies with it, and nobody waits for its pipes.
func TestGroupIsKilled(t *testing.T) {
	l := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, part("parent", l.Addr().String())) }()
	grandchild := held(t, l)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if b, err := io.ReadAll(grandchild); err != nil && !errors.Is(err, syscall.ECONNRESET) || len(b) != 0 {
		t.Errorf("the grandchild lives: %q, %v", b, err)
	}
}

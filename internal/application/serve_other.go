//go:build !linux && !freebsd && !openbsd && !netbsd && !dragonfly

package application

import "context"

// Serve waits until ctx ends: there is no session bus here.
func Serve(ctx context.Context, _ Options) error {
	<-ctx.Done()
	return nil
}

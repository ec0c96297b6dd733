//go:build !cgo

package window

import (
	"context"
	"errors"
)

// ErrNoWindow means that this program was built without cgo, which windows
// need.
var ErrNoWindow = errors.New("this build of bellwire has no window")

// Run returns [ErrNoWindow].
func Run(context.Context, Options) error { return ErrNoWindow }

// Tell returns [ErrNoWindow].
func Tell(context.Context, Message) error { return ErrNoWindow }

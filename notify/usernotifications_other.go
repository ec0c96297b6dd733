//go:build !darwin || !cgo

package notify

import (
	"context"
	"errors"
)

func openUserNotifications(context.Context, Options) (Backend, error) {
	return nil, errors.New("the notification backend \"usernotifications\" is for macOS, and for a Bellwire built with cgo")
}

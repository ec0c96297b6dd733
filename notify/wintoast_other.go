//go:build !windows

package notify

import (
	"context"
	"errors"
)

func openWintoast(context.Context, Options) (Backend, error) {
	return nil, errors.New("the notification backend \"wintoast\" is for Windows")
}

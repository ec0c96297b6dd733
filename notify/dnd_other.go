//go:build !windows

package notify

import (
	"context"
	"runtime"
)

func (d *DND) start(ctx context.Context) {
	if runtime.GOOS != "darwin" {
		d.watchBus(ctx)
	}
}

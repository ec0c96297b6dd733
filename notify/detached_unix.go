//go:build !windows && !plan9 && !js && !wasip1

package notify

import "syscall"

// detached keeps a browser from dying with our terminal.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

package notify

import "syscall"

// detached shows no console window.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{HideWindow: true} }

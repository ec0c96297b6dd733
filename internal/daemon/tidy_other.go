//go:build !linux

package daemon

import "runtime/debug"

// tidy gives back memory that starting took and waiting does not need.
func tidy() { debug.FreeOSMemory() }

//go:build !linux

package doctor

// Adopt is for Linux: elsewhere a daemon's environment is not known.
func Adopt(int) (elsewhere, headless bool, err error) { return false, false, nil }

// Holder is for Linux.
func Holder(string) int { return 0 }

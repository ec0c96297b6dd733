//go:build !linux && !darwin && !windows

package doctor

import "errors"

// network is not known here.
func network(string) string { return "" }

func space(string) (free, files uint64, id string, err error) { return 0, 0, "", errors.ErrUnsupported }

// mountOf is not known here.
func mountOf(path string) string { return path }

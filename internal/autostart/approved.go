package autostart

// switchedOff reads a value of Windows' StartupApproved: the lowest bit of
// its first byte is set where a person has switched the entry off.
func switchedOff(value []byte) bool { return len(value) > 0 && value[0]&1 == 1 }

//go:build !linux

package storage_test

func limited() bool { return false }

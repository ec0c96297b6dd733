package main

import (
	"os"
	"testing"
)

// What nobody reads is no terminal, although it is a device.
func TestNothingIsNoTerminal(t *testing.T) {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isTerminal(f) {
		t.Error("it is taken for one")
	}
}

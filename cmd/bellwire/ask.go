package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// onTerminal reports whether somebody sits in front of standard input.
func (e *env) onTerminal() bool {
	f, ok := e.in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a device for characters too
	return err != nil || !os.SameFile(null, info)
}

// ask puts a question to the person in front of the terminal; what is no
// answer is otherwise.
func (e *env) ask(question string, otherwise bool) bool {
	choice := " [y/N] "
	if otherwise {
		choice = " [Y/n] "
	}
	fmt.Fprint(e.err, question+choice)
	line, err := bufio.NewReader(io.LimitReader(e.in, 1<<10)).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	case "":
		return otherwise && err == nil
	}
	return false
}

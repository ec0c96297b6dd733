package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"bellwire/subscriptions"
)

// commandTime is how long a command may take to tell a secret.
const commandTime = 10 * time.Second

func fromEnvironment(name string) (string, error) {
	value := os.Getenv(name)
	if value == "" {
		return "", errors.New("the variable is not set where Bellwire runs")
	}
	return value, nil
}

// fromFile reads a file whose last line end does not count.
func fromFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.New("it is no regular file") // a pipe could wait for ever
	}
	return Read(f)
}

// fromCommand runs a program, never through a shell. Its standard error is
// thrown away: it could quote the secret.
func fromCommand(ctx context.Context, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	// Children of its own may keep the pipe open.
	cmd.WaitDelay = time.Second
	out := limited{tooMuch: cancel}
	cmd.Stdout = &out
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("the command did not end within %s", commandTime)
	case out.over:
		return "", errTooLong
	case err != nil:
		return "", err
	}
	return Read(&out.buf)
}

var errTooLong = fmt.Errorf("it is longer than %d bytes", subscriptions.MaxSecret)

// limited is a buffer that refuses what is too much.
type limited struct {
	buf     bytes.Buffer // not embedded: its ReadFrom has no limit
	over    bool
	tooMuch func()
}

func (l *limited) Write(b []byte) (int, error) {
	if l.buf.Len()+len(b) > subscriptions.MaxSecret+2 {
		l.over = true
		l.tooMuch()
		return 0, errTooLong
	}
	return l.buf.Write(b)
}

// Read reads a secret to its end; one line end there does not count.
func Read(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, subscriptions.MaxSecret+3))
	if err != nil {
		return "", err
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	switch {
	case len(s) > subscriptions.MaxSecret:
		return "", errTooLong
	case s == "":
		return "", errors.New("it is empty")
	}
	return s, nil
}

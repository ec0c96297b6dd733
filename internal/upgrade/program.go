package upgrade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bellwire/internal/program"
)

const (
	// askTime bounds each question to the program that is there now. It may
	// come from a cold disk, which takes longer than answering.
	askTime = 20 * time.Second
	// maxAnswer is how much of an answer is read, in bytes; maxVersion how
	// long a version may be.
	maxAnswer  = 256
	maxVersion = 64
)

// A Program is the executable of this process, at the path by which it was
// started. Its methods may be called by one goroutine at a time, [Program.Path]
// and [Program.Try] by any.
type Program struct {
	path string
	// image leads to what runs, even when its file is gone; empty where the
	// system has no such way.
	image string
	was   fs.FileInfo // of what runs; nil where it could not be seen
	owner int         // of what ran at first, as trusted has it
	heard func()      // is called for each event that wakes Watch; nil but in tests
}

// Self is this process's program. Call it early: a file that is replaced
// before that cannot be told from the one that runs, but on Linux.
//
// The path is the one that was asked for, not where links lead: a link from
// /usr/bin into a folder of one version is what an upgrade changes.
func Self() (*Program, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &Program{path: exe}
	// On Windows this would be a file of that name on the current drive, which
	// anybody may have put there.
	if _, err := os.Stat(procImage); err == nil && runtime.GOOS != "windows" {
		p.image = procImage
	}
	if p.was, err = os.Stat(p.running()); err != nil {
		p.was = nil
	} else {
		p.owner = ownerOf(p.was)
	}
	// LookPath is asked for what has a slash, too; that it is relative is no harm.
	named, err := exec.LookPath(os.Args[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return p, nil
	}
	if named, err = filepath.Abs(named); err != nil {
		return p, nil
	}
	if info, err := os.Stat(named); err == nil && p.was != nil && os.SameFile(info, p.was) {
		p.path = named
	}
	return p, nil
}

// procImage is Linux's link to what a process runs.
const procImage = "/proc/self/exe"

// Path is where the program was started from, absolute.
func (p *Program) Path() string { return p.path }

// Image is a path by which what runs can be started again even when its file
// has been replaced; empty where the system has none.
func (p *Program) Image() string { return p.image }

func (p *Program) running() string {
	if p.image != "" {
		return p.image
	}
	return p.path
}

// A State is how the program at the path is related to the one that runs.
type State string

const (
	Same    State = ""        // it is the one that runs
	Ready   State = "ready"   // it is another one, and it starts
	Broken  State = "broken"  // it is another one, and it does not start
	Removed State = "removed" // there is none
)

// A Finding is what [Program.Look] found.
type Finding struct {
	State State
	// Version is set with Ready. It may be that of the program that runs:
	// another build of it.
	Version string
	// Problem is set with Broken, for people.
	Problem string
}

// Look compares the program at the path with the one that runs. The same
// content installed again is no other program. schema is as for
// [Program.Try].
func (p *Program) Look(ctx context.Context, schema int) Finding {
	info, err := os.Stat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Finding{State: Removed}
	case err != nil:
		return Finding{State: Broken, Problem: plain(err)}
	case p.was != nil && unchanged(info, p.was):
		return Finding{}
	}
	if err := p.fit(info); err != nil {
		return Finding{State: Broken, Problem: err.Error()}
	}
	if p.sameContent() {
		p.was = info
		return Finding{}
	}
	version, err := p.Try(ctx, schema)
	if err != nil {
		return Finding{State: Broken, Problem: plain(err)}
	}
	return Finding{State: Ready, Version: version}
}

func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// fit refuses what must not be opened, let alone run: what is no file could
// keep whoever opens it for ever, and what others may write could be anything.
func (p *Program) fit(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("there is no file at " + p.path)
	}
	return p.trusted()
}

// sameContent reads both files, once for each change that was seen.
func (p *Program) sameContent() bool {
	if p.image == "" {
		return false
	}
	a, err := os.Open(p.image)
	if err != nil {
		return false
	}
	defer a.Close()
	b, err := os.Open(p.path)
	if err != nil {
		return false
	}
	defer b.Close()
	bufA, bufB := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(a, bufA)
		m, errB := io.ReadFull(b, bufB)
		if !bytes.Equal(bufA[:n], bufB[:m]) {
			return false
		}
		if errA != nil || errB != nil {
			return ended(errA) && ended(errB)
		}
	}
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Try finds out whether the program at the path starts, here and now, and
// tells its version. schema is that of the database it would have to open; one
// that knows only older schemas is an error, as is one that does not say. One
// that another user could have put there is an error, and is not run.
func (p *Program) Try(ctx context.Context, schema int) (version string, err error) {
	info, err := os.Stat(p.path)
	if err == nil {
		err = p.fit(info)
	}
	if err != nil {
		return "", errors.New(plain(err))
	}
	version, err = p.ask(ctx, "--version")
	if err != nil {
		return "", err
	}
	if !isVersion(version) {
		return "", errors.New("it does not tell a version: it is not Bellwire")
	}
	said, err := p.ask(ctx, "schema")
	if err != nil {
		return "", fmt.Errorf("it does not say which databases it can read: %w", err)
	}
	switch knows, err := strconv.Atoi(said); {
	case err != nil:
		return "", errors.New("it does not say which databases it can read")
	case knows < schema:
		return "", fmt.Errorf("it is %s, which is too old for the database: that has schema %d, and it knows %d", version, schema, knows)
	}
	return version, nil
}

// ask runs the program with one argument, and returns the one line it says.
func (p *Program) ask(ctx context.Context, argument string) (string, error) {
	said, err := program.Output(ctx, program.Options{Argv: []string{p.path, argument}, Timeout: askTime, MaxOutput: maxAnswer})
	return strings.TrimSpace(said), err
}

func isVersion(s string) bool {
	return s != "" && len(s) <= maxVersion && !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsGraphic(r) || unicode.IsSpace(r)
	})
}

// plain says what the system said, without the call that said it.
func plain(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Path + ": " + e.Err.Error()
	}
	return err.Error()
}

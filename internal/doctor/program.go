package doctor

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"bellwire/internal/autostart"
)

func lookVersion(_ context.Context, o *Options) []Finding {
	f := good("Bellwire %s (%s)", o.Version, o.Build)
	if o.Daemon != nil && o.Daemon.Version != o.Version {
		f = warning("Start it again: "+o.Program+" restart",
			"this is Bellwire %s (%s), but the one that runs is %s", o.Version, o.Build, o.Daemon.Version)
	}
	return []Finding{f}
}

func lookDaemon(_ context.Context, o *Options) []Finding {
	start := "Start it: " + o.Program
	if o.Server {
		start += " run --headless"
	}
	switch {
	case o.Daemon != nil:
		f := good("running since %s, process %d", moment(o.Daemon.Started), o.Daemon.PID)
		if o.Elsewhere {
			f.Found += "; it was started elsewhere than this command, and what it sees there is what is checked"
		}
		return []Finding{f}
	case o.DaemonError == nil:
		return []Finding{warning(start, "not running; what is checked is what it would find if it were started here")}
	case o.Unanswered > 0:
		return []Finding{failure(fmt.Sprintf("End it and start it again: kill -KILL %d; %s", o.Unanswered, o.Program),
			"process %d runs and does not answer", o.Unanswered)}
	}
	return []Finding{failure("Look what it says: tail "+quoted(o.Log), "it cannot be asked: %v", o.DaemonError)}
}

// logTail is how much of the end of the log is read, in bytes.
const logTail = 256 << 10

// logDay is how far back errors matter where nobody runs.
const logDay = 24 * time.Hour

func lookLog(_ context.Context, o *Options) []Finding {
	since := o.Now.Add(-logDay)
	when := "the last 24 hours"
	if o.Daemon != nil {
		since, when = o.Daemon.Started, "it was started"
	}
	tail, err := readTail(o.Log)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{good("none yet; it will be %s", o.Log)}
	case err != nil:
		return []Finding{failure("chmod u+rw "+quoted(o.Log), "it cannot be read: %v", err)}
	}
	errs, last := logErrors(tail, since)
	if errs == 0 {
		return []Finding{good("no errors since %s", when)}
	}
	return []Finding{warning("Read it: less +G "+quoted(o.Log), "%s since %s, the last one at %s: %s", many(errs, "error"), when, moment(last.at), last.text)}
}

func readTail(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-logTail), logTail))
}

// A logLine is one line of the log, read as far as it matters.
type logLine struct {
	at   time.Time
	text string
}

// logErrors counts the lines of level ERROR that are not older than since.
func logErrors(tail []byte, since time.Time) (n int, last logLine) {
	lines := bufio.NewScanner(bytes.NewReader(tail))
	lines.Buffer(nil, logTail+1)
	for lines.Scan() {
		line := lines.Text()
		if logValue(line, "level") != "ERROR" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, logValue(line, "time"))
		if err != nil || at.Before(since) {
			continue
		}
		text := logValue(line, "msg")
		if why := logValue(line, "error"); why != "" {
			text += ": " + why
		}
		n, last = n+1, logLine{at, text}
	}
	return n, last
}

// logValue is an attribute as slog's text handler writes it.
func logValue(line, key string) string {
	_, rest, ok := strings.Cut(" "+line, " "+key+"=")
	if !ok {
		return ""
	}
	if q, err := strconv.QuotedPrefix(rest); err == nil {
		text, _ := strconv.Unquote(q)
		return text
	}
	value, _, _ := strings.Cut(rest, " ")
	return value
}

func lookAutostart(ctx context.Context, o *Options) []Finding {
	if o.Autostart == nil {
		return nil
	}
	s, err := o.Autostart(ctx)
	switch {
	case err != nil:
		return []Finding{warning("Look again: "+o.Program+" autostart", "it is not known: %v", err)}
	case s.Reason == string(autostart.OtherProgram), s.Reason == string(autostart.Gone), s.Reason == string(autostart.Broken):
		return []Finding{warning("Make it start this Bellwire: "+o.Program+" autostart on", "%s: %s", onOff(s.On), s.Why)}
	case s.Why != "":
		return []Finding{good("%s: %s", onOff(s.On), s.Why)}
	case s.On:
		return []Finding{good("on: Bellwire starts when you log in")}
	case o.Server:
		return []Finding{good("off: without a desktop, starting is the system's (a systemd user unit, for example)")}
	case s.Unavailable != "":
		return []Finding{good("off, and cannot be changed from here: %s", s.Unavailable)}
	}
	return []Finding{good("off: %s autostart on changes that", o.Program)}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

package doctor

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"bellwire/internal/autostart"
	"bellwire/internal/control"
)

func lookVersion(_ context.Context, o *Options) []Finding {
	f := good("Bellwire %s (%s)", o.Version, o.Build)
	if o.Daemon != nil && o.Daemon.Version != o.Version && o.Daemon.Upgrade == nil {
		f = warning("To have this one run:"+run+o.quit()+o.start(),
			"this is Bellwire %s (%s), but the one that runs is %s", o.Version, o.Build, o.Daemon.Version)
	}
	return []Finding{f}
}

// lookUpgrade tells of another program that is installed where the daemon was
// started from; nothing where there is none.
func lookUpgrade(_ context.Context, o *Options) []Finding {
	if o.Daemon == nil || o.Daemon.Upgrade == nil {
		return nil
	}
	up, runs := o.Daemon.Upgrade, o.Daemon.Version
	switch up.State {
	case control.UpgradeReady:
		what := "Bellwire " + up.Version
		if up.Version == runs {
			what = "another build of it"
		}
		return []Finding{warning("Finish the upgrade; nothing is missed:"+run+o.Program+" restart", "Bellwire %s runs, and %s is installed", runs, what)}
	case control.UpgradeBroken:
		return []Finding{failure("Install Bellwire again, as you have installed it before; the one that runs goes on meanwhile", "what is installed at %s cannot be started: %s", up.Path, up.Problem)}
	case control.UpgradeRemoved:
		return []Finding{warning("Install it again; or, if you have removed it, end what runs:"+run+o.Program+" quit", "the program that runs is not installed any more: there is no %s", up.Path)}
	}
	return nil
}

func lookDaemon(_ context.Context, o *Options) []Finding {
	elsewhere := ""
	if o.Elsewhere {
		elsewhere = "; it was started elsewhere than this command, and what it sees there is what is checked"
	}
	switch {
	case o.Daemon != nil:
		f := good("running since %s, process %d", moment(o.Daemon.Started), o.Daemon.PID)
		f.Found += elsewhere
		return []Finding{f}
	case o.DaemonError == nil:
		return []Finding{warning("Start it:"+run+o.start(), "not running; what is checked is what it would find if it were started here")}
	case o.Unanswered > 0:
		return []Finding{failure("End it and start it again:"+run+o.quit()+o.start(), "process %d runs and does not answer%s", o.Unanswered, elsewhere)}
	}
	return []Finding{failure(cmp.Or(o.see(o.Socket), "Look what it says:"+run+here().endOfLog+Word(o.Log)), "it cannot be asked: %v", o.DaemonError)}
}

// logTail is how much of the end of the log is read, in bytes.
const logTail = 256 << 10

// logDay is how far back errors matter where nobody runs.
const logDay = 24 * time.Hour

func lookLog(_ context.Context, o *Options) []Finding {
	since := o.Now.Add(-logDay)
	when := "in the last 24 hours"
	if o.Daemon != nil {
		since, when = o.Daemon.Started, "since it was started"
	}
	tail, err := readTail(o.Log)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{good("none yet; it will be %s", o.Log)}
	case err != nil:
		return []Finding{failure(cmp.Or(o.see(o.Log), here().mayLog(Word(o.Log))), "it cannot be read: %v", err)}
	}
	errs, last := logErrors(tail, since)
	if errs == 0 {
		return []Finding{good("no errors %s", when)}
	}
	return []Finding{warning("Read it:"+run+here().readLog+Word(o.Log), "%s %s, the last one at %s: %s", many(errs, "error"), when, moment(last.at), last.text)}
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
		return []Finding{warning("Look again:"+run+o.Program+" autostart", "it is not known: %v", err)}
	case s.Reason == string(autostart.OtherProgram), s.Reason == string(autostart.Gone), s.Reason == string(autostart.Broken):
		return []Finding{warning("Make it start this Bellwire:"+run+o.Program+" autostart on", "%s: %s", onOff(s.On), s.Why)}
	case s.Why != "":
		return []Finding{good("%s: %s", onOff(s.On), s.Why)}
	case s.On:
		return []Finding{good("on: Bellwire starts when you log in")}
	case o.Server:
		return []Finding{good("off: without a desktop, starting is the system's (%s, for example)", here().starter)}
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

package doctor

import (
	"context"
	"fmt"
	"net"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// Limit bounds each check; they run side by side.
const Limit = 5 * time.Second

// Status is a verdict.
type Status string

// The verdicts. A warning is something that some people want as it is.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// A Finding is what one check has found.
type Finding struct {
	// Group and Name say what was looked at.
	Group  string `json:"group"`
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Found is one line; Do is what to do about it, empty where there is
	// nothing to do. In Do a line that begins with two spaces is to be typed
	// into a shell; the others are for reading.
	Found string `json:"found"`
	Do    string `json:"do,omitempty"`
}

// A Report is everything that was found, always in the same order.
type Report struct {
	Version string `json:"version"`
	// Running says that a daemon answered; the checks are then of its
	// environment as far as that is known.
	Running  bool      `json:"running"`
	Findings []Finding `json:"checks"`
	// Good, Warnings and Failures count the findings.
	Good     int `json:"ok"`
	Warnings int `json:"warnings"`
	Failures int `json:"failures"`
}

// Options are what there is to look at. Zero values mean that it is not known.
type Options struct {
	// Version is the program's, Build what it was built with, Built when.
	Version, Build string
	Built          time.Time
	// Data, State and Runtime are Bellwire's folders.
	Data, State, Runtime string
	// Database, Log, Socket and Secrets are the files in them.
	Database, Log, Socket, Secrets string
	// Daemon is what the running daemon says; nil: nobody answered, and
	// DaemonError is why, nil where nobody runs.
	Daemon      *control.Status
	DaemonError error
	// Unanswered is the process that has the socket and does not answer.
	Unanswered int
	// Elsewhere says that the daemon's environment is another one than that
	// of this process, and is the one that is looked at.
	Elsewhere bool
	// Server says that no desktop is wanted: a build without one, or a daemon
	// that was told so.
	Server bool
	// Offline leaves out everything that the network would see.
	Offline bool
	// Dial makes connections to other machines; nil: the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Feeds are the feeds; the database's where nobody runs.
	Feeds []subscriptions.Feed
	// Newest is when the newest event was received.
	Newest time.Time
	// Held are the words for the notifications that wait.
	Held string
	// Autostart tells whether Bellwire starts at login.
	Autostart func(context.Context) (control.Autostart, error)
	// Program is how a person calls this program, with the folder that was
	// chosen: "bellwire", or "bellwire --dir DIR".
	Program string
	// probe and look stand in for writing to a folder and for what is left of
	// its disk, in tests.
	probe func(path string) error
	look  func(path string) (free, files uint64, id string, err error)
	// Now is the time; zero: the clock's.
	Now time.Time
}

// Adopt is [Adopt] of the daemon, also of one that does not answer.
func (o *Options) Adopt(pid int) {
	if pid == 0 {
		return
	}
	elsewhere, headless, err := Adopt(pid)
	o.Elsewhere, o.Server = elsewhere && err == nil, o.Server || headless
}

// A check is one look. It returns soon after its context ends.
type check struct {
	group, name string
	look        func(context.Context, *Options) []Finding
}

// The groups, in their order.
const (
	groupProgram = "Program"
	groupDesktop = "Desktop"
	groupStorage = "Storage"
	groupNetwork = "Clock and network"
	groupFeeds   = "Feeds and notifications"
	maxFound     = 400  // bytes of a line
	maxDo        = 9000 // bytes of a line of Do: half a command would be another one
	maxDoLines   = 12
	maxFindings  = 20 // of one check
)

// checks are all of them, in the order in which they are told.
func checks() []check {
	all := []check{
		{groupProgram, "version", lookVersion},
		{groupProgram, "upgrade", lookUpgrade},
		{groupProgram, "daemon", lookDaemon},
		{groupProgram, "log", lookLog},
		{groupProgram, "start at login", lookAutostart},
		{groupProgram, "limits", lookLimits},
	}
	all = append(all, desktopChecks()...)
	return append(
		all,
		check{groupStorage, "folders", lookFolders},
		check{groupStorage, "disk space", lookDisk},
		check{groupStorage, "database", lookDatabase},
		check{groupStorage, "backups", lookBackups},
		check{groupNetwork, "clock", lookClock},
		check{groupNetwork, "proxy", lookProxy},
		check{groupNetwork, "servers", lookServers},
		check{groupFeeds, "feeds", lookFeeds},
		check{groupFeeds, "held back", lookHeld},
	)
}

// Examine runs every check. It takes little longer than [Limit].
func Examine(ctx context.Context, o Options) Report {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Program == "" {
		o.Program = "bellwire"
	}
	if o.probe == nil {
		o.probe = probe
	}
	if o.look == nil {
		o.look = space
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	return examine(ctx, o, checks(), Limit)
}

func examine(ctx context.Context, o Options, all []check, limit time.Duration) Report {
	r := Report{Version: o.Version, Running: o.Daemon != nil}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answers := make([]chan []Finding, len(all))
	for i, c := range all {
		answers[i] = make(chan []Finding, 1)
		mine := o
		go func() { answers[i] <- c.look(ctx, &mine) }()
	}
	// A check that heeds its context still has something to say then.
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), limit+limit/5)
	defer stop()
	for i, c := range all {
		found, told := await(late, answers[i])
		if !told { // such as a file system whose server is gone
			found = []Finding{failure("What hangs here may hang Bellwire, too. Look again:"+run+o.Program+" doctor", "it took longer than %s to look", limit)}
		}
		r.add(c, found...)
	}
	return r
}

// await waits for an answer until ctx ends; one that is there counts even then.
func await(ctx context.Context, answer <-chan []Finding) (found []Finding, told bool) {
	select {
	case found = <-answer:
		return found, true
	case <-ctx.Done():
	}
	select {
	case found = <-answer:
		return found, true
	default:
		return nil, false
	}
}

// add bounds and counts what a check has found.
func (r *Report) add(c check, found ...Finding) {
	for i, f := range found {
		if i == maxFindings {
			f = Finding{Name: f.Name, Status: f.Status, Found: fmt.Sprintf("and %d more", len(found)-i)}
		}
		if f.Group = c.group; f.Name == "" {
			f.Name = c.name
		}
		f.Found, f.Do = oneLine(f.Found, maxFound), doLines(f.Do)
		r.Findings = append(r.Findings, f)
		switch f.Status {
		case Fail:
			r.Failures++
		case Warn:
			r.Warnings++
		default:
			r.Good++
		}
		if i == maxFindings {
			break
		}
	}
}

func good(format string, args ...any) Finding {
	return Finding{Status: OK, Found: fmt.Sprintf(format, args...)}
}

func warning(do, format string, args ...any) Finding {
	return Finding{Status: Warn, Found: fmt.Sprintf(format, args...), Do: do}
}

func failure(do, format string, args ...any) Finding {
	return Finding{Status: Fail, Found: fmt.Sprintf(format, args...), Do: do}
}

// run begins what is to be typed, in Do.
const run = "\n  "

// start is how Bellwire is started.
func (o *Options) start() string {
	if o.Server {
		return o.Program + " run --headless"
	}
	return o.Program
}

// quit is how the daemon is ended before what comes next; empty where none
// runs.
func (o *Options) quit() string {
	switch {
	case o.Daemon != nil:
		return o.Program + " quit; "
	case o.Unanswered > 0: // it would not hear that; and what it had open is closed a little later
		return fmt.Sprintf("kill -KILL %d; sleep 2; ", o.Unanswered)
	}
	return ""
}

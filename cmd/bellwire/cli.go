package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
	"bellwire/internal/upgrade"
	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

// Exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitNoDaemon
	exitNotFound
)

type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// cli is the command line.
type cli struct {
	Dir     string           `help:"Keep database, socket and log in this folder instead of the user's usual places." env:"BELLWIRE_DIR" placeholder:"DIR"`
	Version kong.VersionFlag `help:"Print the version and exit."`

	Start         startCmd         `cmd:"" default:"1" help:"Start Bellwire in the tray; if it runs already, open its window. The default."`
	Run           runCmd           `cmd:"" help:"Run the daemon in the foreground; it logs to standard error."`
	Window        windowCmd        `cmd:"" help:"Open the window of the running Bellwire."`
	Add           addCmd           `cmd:"" help:"Subscribe to a stream; prints the new feed's id."`
	Probe         probeCmd         `cmd:"" help:"Find out what an address is, and how it is added."`
	Presets       presetsCmd       `cmd:"" help:"List the kinds of servers that Bellwire knows, or tell about one."`
	Feeds         feedsCmd         `cmd:"" help:"List the feeds and what they are doing."`
	Pause         pauseCmd         `cmd:"" help:"End a feed's connection until it is resumed."`
	Resume        resumeCmd        `cmd:"" help:"Start a paused or ended feed, or make a waiting one try now."`
	Reconnect     reconnectCmd     `cmd:"" help:"Make a new connection now, for one feed or all of them."`
	Log           logCmd           `cmd:"" help:"Tell the recent past of a feed's connection in words."`
	Set           setCmd           `cmd:"" help:"Change a feed: what is given is changed, the rest stays."`
	Edit          editCmd          `cmd:"" help:"Change a feed in your editor ($VISUAL or $EDITOR)."`
	Test          testCmd          `cmd:"" help:"Try a mapping on the last events of a feed, before it is trusted."`
	Export        exportCmd        `cmd:"" help:"Write the feeds as a file (YAML), without secrets."`
	Import        importCmd        `cmd:"" help:"Add the feeds of a file: Bellwire's own, ntfy's client.yml or a list of addresses."`
	Apply         applyCmd         `cmd:"" help:"Make the feeds what a file says, after showing what would change."`
	Remove        removeCmd        `cmd:"" help:"Remove a feed and its history."`
	History       historyCmd       `cmd:"" help:"Show or search the events of the past."`
	Delete        deleteCmd        `cmd:"" help:"Delete events from history, for good."`
	Keep          keepCmd          `cmd:"" help:"Tell how much history is kept, and change it."`
	Backup        backupCmd        `cmd:"" help:"Write a copy of the database, feeds and history, to a file; while Bellwire runs, too."`
	Restore       restoreCmd       `cmd:"" help:"Put a backup in the place of the database; what was there is kept. Bellwire must not run."`
	Salvage       salvageCmd       `cmd:"" help:"Write what can still be read of a damaged database to a new file, which can be restored."`
	Tail          tailCmd          `cmd:"" help:"Follow events as they come."`
	Why           whyCmd           `cmd:"" help:"Tell what became of an event on its way to you."`
	Mute          muteCmd          `cmd:"" help:"No notifications for a while, or for good: of one feed, or of all."`
	Unmute        unmuteCmd        `cmd:"" help:"End a mute, of one feed or of all."`
	Notifications notificationsCmd `cmd:"" help:"Tell how Bellwire notifies, and change it: quiet hours, how many at once, do-not-disturb."`
	Autostart     autostartCmd     `cmd:"" help:"Tell whether Bellwire starts when you log in, or change that."`
	NotifyTest    notifyTestCmd    `cmd:"" help:"Make a notification, and tell what each stage does with it."`
	Act           actCmd           `cmd:"" help:"Do what an event offers: send the request, or open the link, that its payload declares."`
	Status        statusCmd        `cmd:"" help:"Tell what Bellwire is doing."`
	Restart       restartCmd       `cmd:"" help:"Restart the running Bellwire, to finish an upgrade."`
	Doctor        doctorCmd        `cmd:"" help:"Look for what keeps Bellwire from working, and say what to do about it."`
	Quit          quitCmd          `cmd:"" help:"Stop the running Bellwire."`
	Demo          demoCmd          `cmd:"" help:"Serve two demo feeds on this machine, for trying things out."`
	Generate      generateCmd      `cmd:"" hidden:"" help:"Write manual pages, completions and the reference of the commands."`
	Complete      completeCmd      `cmd:"" hidden:"" help:"Tell a shell what may come next."`
	Beeep         beeepCmd         `cmd:"" hidden:""`
	Keyring       keyringCmd       `cmd:"" hidden:""`
	Schema        schemaCmd        `cmd:"" hidden:""`
	Tell          tellCmd          `cmd:"" hidden:""`
}

// env is what every command gets.
type env struct {
	ctx context.Context
	stdio
	dir  string // as given; empty for the usual places
	dirs daemon.Dirs
	// program is this one; nil where it cannot be found.
	program *upgrade.Program
	// after is what the process before this one has left; nil: this one was
	// started by somebody, and is no restart.
	after    *handover
	children *children
}

func (e *env) client() *control.Client { return control.NewClient(e.dirs.Socket()) }

// run is the program.
func run(ctx context.Context, args []string, std stdio) (code int) {
	// Kong asks to exit after --help and --version; nothing else panics so.
	type exit int
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(exit)
			if !ok {
				panic(r)
			}
			code = int(c)
		}
	}()
	var c cli
	parser, err := newParser(&c, std, func(code int) { panic(exit(code)) })
	if err != nil {
		return report(std.err, err)
	}
	kctx, err := parser.Parse(args)
	if err != nil {
		return report(std.err, &usageError{err})
	}
	e := &env{ctx: ctx, stdio: std, dir: c.Dir, program: installed(), after: takeHandover(), children: &children{}}
	if e.dirs, err = daemon.FindDirs(c.Dir); err != nil {
		return report(std.err, err)
	}
	return report(std.err, e.otherVersion(kctx.Run(e)))
}

// newParser reads command lines into c.
func newParser(c *cli, std stdio, end func(code int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("bellwire"),
		kong.Description("Turns live streams (Server-Sent Events, WebSocket, or an address that is polled) into desktop notifications and a history that can be searched.\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 Bellwire is not running, 4 no such feed, event or preset."),
		kong.Writers(std.out, std.err),
		kong.Exit(end),
		kong.Vars{"version": programVersion()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.PostBuild(groupCommands),
	)
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// hintError adds what to do about an error.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func withHint(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

// report prints err for people and chooses the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	code, hint := exitFailed, ""
	message := err.Error()
	if _, ok := errors.AsType[*usageError](err); ok {
		code, hint = exitUsage, "See: bellwire --help"
	}
	if errors.Is(err, control.ErrNoDaemon) {
		code, hint = exitNoDaemon, "Start it with: bellwire (or, without a desktop: bellwire run --headless)"
		message = control.ErrNoDaemon.Error()
	}
	if e, ok := errors.AsType[*subscriptions.Error](err); ok { // the database cannot be opened
		hint = e.Hint()
	}
	if e, ok := errors.AsType[*storage.Refusal](err); ok {
		hint = e.Hint()
	}
	if e, ok := errors.AsType[*control.Error](err); ok {
		hint = e.Hint
		switch {
		case e.Status == http.StatusNotFound && !e.Unknown:
			code = exitNotFound
		case e.Status == http.StatusBadRequest:
			code = exitUsage
			hint = cmp.Or(hint, "See: bellwire --help")
		}
	}
	if e, ok := errors.AsType[*hintError](err); ok {
		hint = e.hint
	}
	fmt.Fprintln(w, "error: "+message)
	if hint != "" {
		fmt.Fprintln(w, "hint: "+hint)
	}
	return code
}

// programVersion is the linker's word, or the module's when installed by go.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}

// self is how to start this program again with the same folder: by the path
// it was started by, which an upgrade leaves where it is.
func (e *env) self(args ...string) (name string, argv []string, err error) {
	if e.program == nil {
		name, err = executable()
	} else {
		name = withoutConsole(e.program.Path())
	}
	if e.dir != "" {
		args = append([]string{"--dir", e.dirs.Data}, args...)
	}
	return name, args, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"bellwire/internal/daemon"
	"bellwire/internal/demo"
	"bellwire/notify"
)

type runCmd struct {
	Headless bool          `help:"No tray, no window; notifications go to standard output unless --notifier says otherwise."`
	Demo     bool          `help:"Serve the demo feeds and subscribe to them, in a throwaway folder unless --dir names one."`
	For      time.Duration `placeholder:"DURATION" help:"Stop after this time, like 30s or 8h. Default: never."`
	Notifier string        `enum:"auto,freedesktop,portal,wintoast,usernotifications,beeep,terminal,none" default:"auto" help:"How to notify: auto, freedesktop, portal, wintoast, usernotifications, beeep, terminal or none."`
	Verbose  bool          `short:"v" help:"Log more."`

	welcome bool // open the window when there is no feed yet
	asks    startCmd
}

func (c *runCmd) Run(e *env) error {
	err := c.serve(e)
	if !c.Headless && !errors.Is(err, daemon.ErrRunning) {
		tellFailure(e, err) // at login there is no terminal
	}
	return runningHint(err)
}

func runningHint(err error) error {
	if errors.Is(err, daemon.ErrRunning) {
		return withHint(err, "Use it as it is, stop it with: bellwire quit, or choose another folder with --dir")
	}
	return err
}

// serve is the daemon, from its folder to its end, or until it becomes the
// installed program.
func (c *runCmd) serve(e *env) error {
	h := handover{}
	if c.For > 0 {
		h.Ends = time.Now().Add(c.For)
		if e.after != nil && !e.after.Ends.IsZero() {
			h.Ends = e.after.Ends
		}
	}
	if c.Demo && e.dir == "" {
		if err := e.makeDemoFolder(&h); err != nil {
			return err
		}
	}
	lock, restart, err := c.once(e, h.Ends)
	if errors.Is(err, daemon.ErrRunning) && e.after == nil && !c.Headless && hasDesktop() && succeeds(e) {
		lock, restart, err = c.once(e, h.Ends)
	}
	if restart && e.ctx.Err() == nil { // or told to end meanwhile
		h.Children = e.children.running()
		failed := e.becomeInstalled(os.Args[1:], h, lock)
		if failed == nil {
			return err // the other process goes on, in the same folder
		}
		err = errors.Join(err, failed)
	}
	if lock != nil {
		err = errors.Join(err, lock.Close())
	}
	if h.Demo != "" {
		err = errors.Join(err, os.RemoveAll(h.Demo))
	}
	return err
}

// makeDemoFolder makes the throwaway folder of --demo, or goes on with it.
func (e *env) makeDemoFolder(h *handover) (err error) {
	if e.after != nil && e.after.Demo != "" {
		h.Demo = e.after.Demo
	} else if h.Demo, err = os.MkdirTemp("", "bellwire-demo-"); err != nil {
		return err
	}
	e.dir = h.Demo
	e.dirs, err = daemon.FindDirs(e.dir)
	return err
}

// once is one life of the daemon, until ends where that is not zero. It says
// whether the program is to become the installed one, and hands over the lock
// of the folder for that; nil where it cannot be handed over.
func (c *runCmd) once(e *env, ends time.Time) (lock *os.File, restart bool, err error) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	if !ends.IsZero() {
		ctx, cancel = context.WithDeadline(ctx, ends)
		defer cancel()
	}
	if err := e.dirs.Make(); err != nil {
		return nil, false, folderHint(err)
	}
	log, closeLog := newLogger(e.err, e.dirs.Log(), c.Verbose)
	defer closeLog()
	tellRestart(log, e.after)
	e.children.adopt(e.after)
	desktop := !c.Headless && hasDesktop()
	cfg := daemon.Config{
		Dirs:        e.dirs,
		Version:     programVersion(),
		Notifier:    c.Notifier,
		Icon:        notificationIcon(),
		Words:       notificationWords(),
		Speak:       speak,
		Autostart:   e.startsAtLogin(desktop, c.Demo || c.For > 0),
		NoticeWords: noticeWords(),
		Stdout:      e.out,
		Logger:      log,
		Program:     e.program,
		Lock:        e.after.lock(),
	}
	if name, err := executable(); err == nil {
		cfg.BeeepChild = []string{name, "beeep"}
	}
	cfg.KeyringChild = keyringChild()
	ready := make(chan struct{})
	tell, stopping := tellSystemd(log)
	cfg.OnStopping = stopping
	cfg.OnReady = func() {
		close(ready)
		tell()
	}
	if !desktop && c.Notifier == "auto" {
		cfg.Notifier = "terminal"
	}
	if desktop {
		cfg.OpenWindow = func(token string, args ...string) { openWindow(e, log, token, args...) }
	} else if !c.Headless {
		log.Info(noDesktop)
	}
	app, err := daemon.Open(ctx, cfg)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, false, nil // told to stop before it had begun
	case err != nil:
		c.tellFailed(e, log, desktop, err)
		return nil, false, folderHint(err)
	}
	if c.Demo {
		if err := app.SetDemo(ctx, true); err != nil {
			return nil, false, errors.Join(err, app.Close())
		}
		log.Info("demo feeds are on", "look", "bellwire --dir "+e.dirs.Data+" history")
	}
	if e.after == nil { // what was asked of a start is not asked of a restart
		if err := c.begin(ctx, e, app, desktop, log); err != nil {
			return nil, false, errors.Join(err, app.Close())
		}
	}
	if !c.Headless && !c.Demo && c.For == 0 && e.dir == "" {
		defer startApplication(ctx, e, log)()
	}
	err = runWithTray(ctx, e, app, desktop, ready, log)
	if restart = app.Restarts(); restart {
		lock = app.HandOver()
	}
	if err = errors.Join(err, app.Close()); restart && err != nil {
		log.Warn("not everything ended well before the restart", "error", err)
	}
	return lock, restart, err
}

// begin does what the command line asks of a daemon that has just started.
func (c *runCmd) begin(ctx context.Context, e *env, app *daemon.App, desktop bool, log *slog.Logger) error {
	if c.asks.Pause {
		if err := app.PauseNotifications(ctx, time.Now().Add(actionPause)); err != nil {
			return err
		}
	}
	switch {
	case !desktop:
	case c.asks.Add:
		openWindow(e, log, "", "--add")
	case c.asks.Open:
		openWindow(e, log, "")
	case c.welcome:
		if feeds, err := app.Feeds(ctx); err == nil && len(feeds) == 0 {
			openWindow(e, log, "")
		}
	}
	return nil
}

// tellFailed makes sure that somebody who asked for a restart sees when there
// is no daemon after it: the window says so, and can start it again.
func (c *runCmd) tellFailed(e *env, log *slog.Logger, desktop bool, err error) {
	if e.after == nil {
		return
	}
	log.Error("bellwire could not start again", "version", programVersion(), "before", e.after.From, "error", err)
	if desktop && !errors.Is(err, daemon.ErrRunning) {
		openWindow(e, log, "")
	}
}

// folderHint says what to do about a folder that cannot be used.
func folderHint(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return withHint(err, "Bellwire's folder has to be yours and writable; choose another with --dir")
	}
	return err
}

// runWithTray runs the app, with the tray in this goroutine (the main one,
// which some systems insist on) where there is a desktop. The feeds come first:
// the tray asks the daemon a lot, and the desktop for its icon's place.
func runWithTray(ctx context.Context, e *env, app *daemon.App, desktop bool, ready <-chan struct{}, log *slog.Logger) error {
	if !desktop {
		return app.Run(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		defer cancel()
		ended <- app.Run(ctx)
	}()
	select {
	case <-ready:
		runTray(ctx, e, app, log)
	case <-ctx.Done():
	}
	return <-ended
}

// openWindow starts the window in a process of its own. token lets it come to
// the front (xdg-activation); empty for none.
func openWindow(e *env, log *slog.Logger, token string, args ...string) {
	name, argv, err := e.self(append([]string{"window"}, args...)...)
	if err != nil {
		log.Warn("opening the window", "error", err)
		return
	}
	cmd := exec.Command(name, argv...)
	cmd.Stderr = os.Stderr
	cmd.Env = notify.Activation{Token: token}.Environ()
	if err := cmd.Start(); err != nil {
		log.Warn("opening the window", "error", err)
		return
	}
	e.children.began(cmd.Process.Pid)
	go func() {
		defer e.children.ended(cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			log.Warn("the window ended", "error", err)
		}
	}()
}

type startCmd struct {
	Open    bool `xor:"page" help:"Open the window, also when Bellwire has only just started."`
	Add     bool `xor:"page" help:"Open it to add a feed."`
	Pause   bool `help:"Pause notifications for an hour."`
	Service bool `hidden:"" help:"Started by the message bus, which says what to do."`
}

// Run starts the daemon, or opens the window of the one that runs. Somebody
// who has no feeds yet sees the window at once: a tray icon alone would look
// as if nothing had happened.
func (c *startCmd) Run(e *env) error {
	welcome := !c.Service && !c.Pause
	err := (&runCmd{Notifier: "auto", welcome: welcome, asks: *c}).serve(e)
	if !errors.Is(err, daemon.ErrRunning) || e.after != nil {
		tellFailure(e, err)
		return err
	}
	if c.Service {
		return standIn(e)
	}
	if c.Pause {
		err = e.client().PauseNotifications(e.ctx, time.Now().Add(actionPause))
		if err != nil || !c.Open && !c.Add {
			return err
		}
	}
	if hasDesktop() {
		return (&windowCmd{windowFlags{Add: c.Add}}).Run(e)
	}
	return runningHint(daemon.ErrRunning)
}

// beeepCmd is the child process of the notification backend beeep.
type beeepCmd struct{}

func (c *beeepCmd) Run(*env) error { return notify.SendBeeep(os.Stdin) }

type demoCmd struct {
	Listen string        `default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Where to serve; port 0 takes a free one."`
	Every  time.Duration `default:"3s" help:"Time between two events of a feed."`
}

func (c *demoCmd) Run(e *env) error {
	log, closeLog := newLogger(e.err, "", false)
	defer closeLog()
	server, err := demo.Start(c.Listen, c.Every, log)
	if err != nil {
		return withHint(err, "Choose another place with --listen")
	}
	for _, f := range server.Feeds() {
		line := "bellwire add " + f.URL + " --name '" + f.Name + "'"
		if f.Resume.Param != "" {
			line += " --resume-query " + f.Resume.Param + " --cursor-field " + f.Resume.Field
		}
		fmt.Fprintln(e.out, line)
	}
	<-e.ctx.Done()
	return server.Close()
}

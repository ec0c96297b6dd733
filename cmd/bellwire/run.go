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
	For      time.Duration `placeholder:"30s" help:"Stop after this time."`
	Notifier string        `enum:"auto,freedesktop,portal,wintoast,usernotifications,beeep,terminal,none" default:"auto" help:"How to notify: auto, freedesktop, portal, wintoast, usernotifications, beeep, terminal or none."`
	Verbose  bool          `short:"v" help:"Log more."`

	welcome bool // open the window when there is no feed yet
}

func (c *runCmd) Run(e *env) error {
	return runningHint(c.serve(e))
}

func runningHint(err error) error {
	if errors.Is(err, daemon.ErrRunning) {
		return withHint(err, "Use it as it is, stop it with: bellwire quit, or choose another folder with --dir")
	}
	return err
}

// serve is the daemon, from its folder to its end.
func (c *runCmd) serve(e *env) error {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	if c.For > 0 {
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	if c.Demo && e.dir == "" {
		dir, err := os.MkdirTemp("", "bellwire-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		e.dir = dir
		if e.dirs, err = daemon.FindDirs(dir); err != nil {
			return err
		}
	}
	if err := e.dirs.Make(); err != nil {
		return folderHint(err)
	}
	log, closeLog := newLogger(e.err, e.dirs.Log(), c.Verbose)
	defer closeLog()
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
	}
	if name, err := os.Executable(); err == nil {
		cfg.BeeepChild = []string{name, "beeep"}
	}
	cfg.KeyringChild = keyringChild()
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
		return nil // told to stop before it had begun
	case err != nil:
		return folderHint(err)
	}
	if c.Demo {
		if err := app.SetDemo(ctx, true); err != nil {
			return errors.Join(err, app.Close())
		}
		log.Info("demo feeds are on", "look", "bellwire --dir "+e.dirs.Data+" history")
	}
	if c.welcome && desktop {
		if feeds, err := app.Feeds(ctx); err == nil && len(feeds) == 0 {
			openWindow(e, log, "")
		}
	}
	return errors.Join(runWithTray(ctx, e, app, desktop, log), app.Close())
}

// folderHint says what to do about a folder that cannot be used.
func folderHint(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return withHint(err, "Bellwire's folder has to be yours and writable; choose another with --dir")
	}
	return err
}

// runWithTray runs the app, with the tray in this goroutine (the main one,
// which some systems insist on) where there is a desktop.
func runWithTray(ctx context.Context, e *env, app *daemon.App, desktop bool, log *slog.Logger) error {
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
	runTray(ctx, e, app, log)
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
	go func() {
		if err := cmd.Wait(); err != nil {
			log.Warn("the window ended", "error", err)
		}
	}()
}

type startCmd struct{}

// Run starts the daemon, or opens the window of the one that runs. Somebody
// who has no feeds yet sees the window at once: a tray icon alone would look
// as if nothing had happened.
func (c *startCmd) Run(e *env) error {
	err := (&runCmd{Notifier: "auto", welcome: true}).serve(e)
	if errors.Is(err, daemon.ErrRunning) && hasDesktop() {
		return (&windowCmd{}).Run(e)
	}
	return runningHint(err)
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

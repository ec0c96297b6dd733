package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"bellwire/forward"
	"bellwire/internal/autostart"
	"bellwire/internal/control"
	"bellwire/internal/upgrade"
	"bellwire/internal/wake"
	"bellwire/internal/watch"
	"bellwire/notify"
	"bellwire/secrets"
	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/subscriptions/backfill"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/poll"
	"bellwire/subscriptions/sse"
	"bellwire/subscriptions/supervisor"
	"bellwire/subscriptions/websocket"
)

// keepAfter is when old rows are first looked for: every feed has to be asked,
// while it ought to be connecting.
const keepAfter = 5 * time.Second

// ErrRunning means that another daemon has the same folder.
var ErrRunning = errors.New("bellwire is running already")

// Config is what an [App] is made of.
type Config struct {
	Dirs    Dirs
	Version string
	// Notifier is one of [notify.Names]; empty means auto.
	Notifier string
	// Icon is a PNG for notifications; nil for none.
	Icon []byte
	// BeeepChild is [notify.Options.BeeepChild].
	BeeepChild []string
	// KeyringChild is [secrets.Options.Keyring].
	KeyringChild []string
	// Stdout is where the terminal notifier writes.
	Stdout io.Writer
	Logger *slog.Logger
	// NoticeWords say what notices say; nil says it in English.
	NoticeWords watch.Words
	// OpenWindow opens the window with the given arguments, for a click on a
	// notification without a link; token, where there is one, lets it come to
	// the front (xdg-activation). Nil where there is no window.
	OpenWindow func(token string, args ...string)
	// Words are what notifications say; the zero value is English.
	Words notify.Words
	// Speak makes Bellwire say everything in the language of
	// [subscriptions.Preferences], and returns what notifications say then.
	// Nil: there is one language.
	Speak func(language string) notify.Words
	// OnReady is called when the feeds are loaded and the control API is
	// answered, OnStopping when that ends for good; nil for nobody.
	OnReady, OnStopping func()
	// Autostart is what starts this daemon at login.
	Autostart autostart.Program

	// Program is watched for an upgrade, and becomes what is restarted. Nil:
	// neither is done.
	Program *upgrade.Program
	// Lock is the folder's lock as the program before this one has held it on;
	// nil: it is to be taken.
	Lock *os.File

	pace pace // for tests
}

// An App is one daemon. Open, Run, Close.
type App struct {
	cfg     Config
	log     *slog.Logger
	started time.Time
	quit    chan struct{}
	quitOne sync.Once

	lock    *folderLock
	db      *storage.DB
	secrets *secrets.Store
	backend notify.Backend
	worker  *notify.Worker
	dnd     *notify.DND // nil where nothing is shown on a desktop
	// preferences are those in use; nil before they are loaded.
	preferences atomic.Pointer[subscriptions.Preferences]
	words       atomic.Pointer[notify.Words]
	supervisor  *supervisor.Supervisor
	forwarder   *forward.Forwarder
	wake        *wake.Watcher
	silence     *watch.Silence
	trouble     *watch.Trouble
	server      *control.Server
	listener    net.Listener

	// found are the feeds that were stored before changed was closed; nil once
	// they have been started.
	found   []subscriptions.Feed
	changed <-chan struct{}

	changes  broadcast
	calm     *calm
	previews atomic.Int32                    // how many run
	tray     atomic.Pointer[control.Tray]    // nil: none is wanted
	upgrade  atomic.Pointer[control.Upgrade] // nil: there is none
	restart  atomic.Bool                     // ends to become the installed program
	undos    undos
	demo     demonstration
	// editing makes a change of a feed in storage and in the supervisor one
	// step, so that the two never disagree; and choosing a free id and taking
	// it.
	editing sync.Mutex
	// starting is held while what starts at login is changed; the desktop may
	// ask a person meanwhile.
	starting sync.Mutex
}

// Open takes the folder's lock, opens everything and starts to listen;
// feeds start with Run. [ErrRunning] when the lock is taken.
func Open(ctx context.Context, cfg Config) (_ *App, err error) {
	a := &App{cfg: cfg, log: cfg.Logger, started: time.Now(), quit: make(chan struct{}), calm: newCalm()}
	a.words.Store(&cfg.Words)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := cfg.Dirs.Make(); err != nil {
		return nil, err
	}
	if a.lock, err = lockFolder(cfg.Dirs.lock(), cfg.Lock); err != nil {
		return nil, err
	}
	if a.db, err = storage.Open(ctx, cfg.Dirs.Database(), storage.Options{Logger: a.log, Program: cfg.Version}); err != nil {
		return nil, err
	}
	if err := a.openSecrets(ctx); err != nil {
		return nil, err
	}
	if err := a.openNotify(ctx); err != nil {
		return nil, err
	}
	if err := a.openForward(ctx); err != nil {
		return nil, err
	}
	a.openWake()
	if err := a.openWatch(ctx); err != nil {
		return nil, err
	}
	a.supervisor = supervisor.New(supervisor.Options{
		Store:      hearing{a.db, a.worker, a.silence},
		Prepare:    a.secrets.Prepare,
		Script:     a.script,
		Decoder:    func(f subscriptions.Feed) (supervisor.Decoder, error) { return decode.Compile(f) },
		Transports: transports(),
		Logger:     a.log,
		OnStatus:   a.statusChanged,
	})
	if err := a.leftDemo(ctx); err != nil {
		a.log.Warn("the feeds of an earlier demo are still there", "error", err)
	}
	a.server = control.NewServer(a, a.log)
	a.listener, err = control.Listen(cfg.Dirs.Socket(), a.log)
	return a, err
}

// transports are all that feeds travel by.
func transports() map[subscriptions.TransportName]subscriptions.Transport {
	return map[subscriptions.TransportName]subscriptions.Transport{
		subscriptions.TransportSSE:       &backfill.Transport{Stream: &sse.Transport{}},
		subscriptions.TransportWebSocket: &backfill.Transport{Stream: &websocket.Transport{}},
		subscriptions.TransportPoll:      &poll.Transport{},
		subscriptions.TransportLongPoll:  &poll.Transport{Long: true},
	}
}

// Run starts the feeds and works until ctx ends or somebody asks to quit.
func (a *App) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.calm.rest = a.db.Rest
	feeds, err := a.startFeeds(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	failed := make(chan error, 2)
	wg.Go(func() {
		if err := a.server.Serve(a.listener); err != nil {
			failed <- fmt.Errorf("answering the control API: %w", err)
		}
	})
	wg.Go(func() {
		if err := a.worker.Run(ctx); err != nil && ctx.Err() == nil {
			failed <- fmt.Errorf("showing notifications: %w", err)
		}
	})
	wg.Go(func() { a.forwardChanges(ctx) })
	wg.Go(func() { a.wake.Run(ctx) })
	wg.Go(func() { a.silence.Run(ctx) })
	wg.Go(func() { a.trouble.Run(ctx) })
	wg.Go(func() { a.watchProgram(ctx) })
	kept := time.AfterFunc(cmp.Or(a.cfg.pace.keep, keepAfter), a.keepStored)
	defer kept.Stop()
	a.calm.stir() // what starting took is not needed again
	defer a.calm.end()
	a.log.Info("bellwire is ready", "version", a.cfg.Version, "feeds", feeds, "notifier", a.backend.Name(), "dir", a.cfg.Dirs.Data)
	if a.cfg.OnReady != nil {
		a.cfg.OnReady()
	}

	select {
	case <-ctx.Done():
	case <-a.quit:
	case err = <-failed:
	}
	if a.cfg.OnStopping != nil && !a.Restarts() { // a restart is no end to who watches the process
		a.cfg.OnStopping()
	}
	a.supervisor.Close()
	a.forwarder.Close()
	cancel()
	return errors.Join(err, a.server.Close())
}

// startFeeds starts the feeds, but for those that were added before, and
// counts all.
func (a *App) startFeeds(ctx context.Context) (int, error) {
	a.editing.Lock()
	defer a.editing.Unlock()
	feeds, err := a.storedFeeds(ctx)
	if err != nil {
		return 0, err
	}
	for _, f := range feeds {
		if _, running := a.supervisor.Status(f.ID); !running {
			a.forwarder.Start(ctx, f) // first: it has to miss nothing
			a.supervisor.Start(f)
		}
		a.silence.Watch(f)
	}
	return len(feeds), nil
}

// storedFeeds are all feeds, as they were found when the secrets were opened
// unless somebody has changed them since.
func (a *App) storedFeeds(ctx context.Context) ([]subscriptions.Feed, error) {
	feeds := a.found
	a.found = nil
	if feeds == nil {
		return a.db.Feeds(ctx)
	}
	select {
	case <-a.changed:
		return a.db.Feeds(ctx)
	default:
		return feeds, nil
	}
}

// Close releases everything. After Run, or instead of it.
func (a *App) Close() error {
	var errs []error
	a.undos.clear()
	if a.supervisor != nil {
		a.supervisor.Close()
	}
	if a.forwarder != nil {
		a.forwarder.Close()
	}
	errs = append(errs, a.demo.end())
	if a.server != nil {
		errs = append(errs, a.server.Close())
	}
	if a.listener != nil {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.dnd != nil {
		a.dnd.Close()
	}
	if a.backend != nil {
		errs = append(errs, a.backend.Close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.Close())
	}
	return errors.Join(errs...)
}

// forwardChanges makes changes of storage changes of the app.
func (a *App) forwardChanges(ctx context.Context) {
	for {
		changed := a.db.Changed()
		a.calm.stir()
		a.changes.send()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// broadcast wakes everybody who waits, and keeps nothing.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

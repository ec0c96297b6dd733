package window

import (
	"context"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
)

// A settingsPage is Bellwire's own settings. What is changed is saved at
// once, and says so beside its control.
type settingsPage struct {
	*pageFrame
	general *generalSettings
	notify  *notifySettings
	history *historySettings
	backup  *backupSettings
	move    *moveSettings
	about   *aboutSettings
	// saved is closed when the last change so far has been read, made and
	// stored, or has failed: each waits for the one before, so that none takes
	// another back.
	saved chan struct{}
	// asked tells answers to an earlier opening from the current one's.
	asked int
}

func (u *ui) openSettings() {
	if u.pages.settings == nil {
		u.pages.settings = newSettingsPage(u)
	}
	u.openPage(u.pages.settings)
}

func newSettingsPage(u *ui) *settingsPage {
	p := &settingsPage{pageFrame: newPageFrame(u, words.Say("settings.title"))}
	p.general = newGeneralSettings(p, u)
	p.notify = newNotifySettings(p, u)
	p.history = newHistorySettings(p, u)
	p.backup = newBackupSettings(p, u)
	p.move = newMoveSettings(p, u)
	p.about = newAboutSettings(p, u)
	section := func(title string, body fyne.CanvasObject) fyne.CanvasObject {
		return column(0, heading(words.Say(title)), body, inset(rule(), 16, 8, 8, 0)) //words:settings.general //words:settings.notifications //words:settings.history //words:settings.backup //words:settings.move
	}
	p.fill(settingsWidth, column(0,
		section("settings.general", p.general.Container),
		section("settings.notifications", p.notify.Container),
		section("settings.history", p.history.Container),
		section("settings.backup", p.backup.Container),
		section("settings.move", p.move.Container),
		heading(words.Say("settings.about")), p.about.Container,
	))
	return p
}

func (p *settingsPage) opened() {
	p.top()
	p.load()
}

func (p *settingsPage) closed() { p.asked++ }

func (p *settingsPage) refresh() {
	p.history.refresh(p.u.status)
	p.about.refresh(p.u.status)
}

// load asks the daemon for everything that it keeps.
func (p *settingsPage) load() {
	p.asked++
	asked := p.asked
	p.backup.load()
	ask(p.u, p.u.o.Client.Preferences, func(got subscriptions.Preferences, err error) {
		switch {
		case asked != p.asked:
		case err != nil:
			p.u.notices.trouble(errorWords(err))
		default:
			p.set(got)
		}
	})
	ask(p.u, p.u.o.Client.Autostart, func(got control.Autostart, err error) {
		if asked == p.asked {
			p.general.setAutostart(got, err)
		}
	})
}

// set shows the preferences in use.
func (p *settingsPage) set(got subscriptions.Preferences) {
	p.general.set(got)
	p.notify.set(got)
	p.history.set(got)
}

// change makes one change of the preferences and tells at s what became of
// it. What does not work is shown as it was before.
func (p *settingsPage) change(s *setting, do func(*subscriptions.Preferences)) {
	asked := p.asked
	last, saved := p.saved, make(chan struct{})
	p.saved = saved
	ask(p.u, func(ctx context.Context) (subscriptions.Preferences, error) {
		defer close(saved)
		if last != nil {
			select {
			case <-last:
			case <-ctx.Done():
				return subscriptions.Preferences{}, ctx.Err()
			}
		}
		before, err := p.u.o.Client.Preferences(ctx)
		if err != nil {
			return before, err
		}
		after := before
		do(&after)
		if err := p.u.o.Client.SetPreferences(ctx, after); err != nil {
			return before, err
		}
		return after, nil
	}, func(now subscriptions.Preferences, err error) {
		switch {
		case asked != p.asked:
			if err != nil { // nobody sees the control any more
				p.u.notices.trouble(errorWords(err))
			}
		case err != nil:
			s.say(errorWords(err))
			p.load()
		default:
			s.done()
			p.notify.quiet.settled(now.Quiet)
		}
	})
}

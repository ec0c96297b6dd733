package window

import (
	"context"
	"time"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2/theme"
)

const (
	// restartTimeout bounds the daemon's look at the program that it is to
	// become.
	restartTimeout = time.Minute
	// restartPatience is how long the window says that Bellwire restarts
	// before it says that it is not running.
	restartPatience = 30 * time.Second
)

// An upgrading is what the window knows of other versions.
type upgrading struct {
	asked     bool // a restart is on its way
	stop      func()
	daemon    string // the version that answered last
	changed   bool   // it was another before
	unwelcome string // the problem that a person has dismissed
	reopening bool
}

// restartDaemon makes the daemon become the program that is installed.
func (u *ui) restartDaemon() {
	u.upgrading.asked = true
	u.refresh()
	askWithin(u, restartTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.o.Client.Restart(ctx)
	}, func(_ struct{}, err error) {
		if err != nil {
			u.upgrading.asked = false
			u.notices.trouble(errorWords(err))
			u.refresh()
			return
		}
		u.upgrading.stop = u.clock.after(restartPatience, func() {
			u.upgrading.asked = false
			u.refresh()
		})
	})
}

// answered notes the version of a daemon that has begun to answer, and reopens
// the window where it is another one by now and that disturbs nobody.
func (u *ui) answered(s control.Status) {
	g := &u.upgrading
	if g.stop != nil {
		g.stop()
		g.stop = nil
	}
	g.asked = false
	g.changed = g.changed || g.daemon != "" && g.daemon != s.Version
	g.daemon = s.Version
	if u.outdated() && u.idle() {
		u.reopen()
	}
}

// outdated reports whether the installed window is probably another one: the
// daemon has become another version since this one was opened.
func (u *ui) outdated() bool {
	return u.o.Reopen != nil && u.upgrading.changed && u.o.Version != u.upgrading.daemon
}

// idle reports whether nothing would be lost by opening the window again.
func (u *ui) idle() bool {
	if _, status := u.page.(*statusPage); u.page != nil && !status {
		return false
	}
	return u.search.Text == "" && u.stopUndo == nil && len(u.removing) == 0 && len(u.deleting) == 0 && u.working == 0
}

// reopen ends this window for one of the installed version that shows the same.
func (u *ui) reopen() {
	if u.upgrading.reopening {
		return
	}
	u.upgrading.reopening = true
	u.o.Reopen(u.inView())
	u.leave()
}

// inView is what the window shows, as far as that can be asked for.
func (u *ui) inView() control.Show {
	if p, ok := u.page.(*statusPage); ok {
		return control.Show{Page: control.PageStatus, Feed: p.feed}
	}
	if seq := u.events.list.selected; seq != 0 {
		return control.Show{Seq: seq}
	}
	return control.Show{Feed: u.choice.feed}
}

// refreshUpgrade tells of versions that differ.
func (u *ui) refreshUpgrade() {
	g, s := &u.upgrading, u.status
	say := func(text, button string, action func()) { u.notices.say(noticeUpgrade, text, button, action) }
	versions := words.With{"Running": clip(oneLine(s.Version, maxTitle), maxTitle), "Own": u.o.Version}
	if s.Upgrade != nil {
		versions["Installed"] = clip(oneLine(s.Upgrade.Version, maxTitle), maxTitle)
		versions["Problem"] = sentence(clip(oneLine(s.Upgrade.Problem, maxTitle), maxTitle))
	}
	icon := theme.InfoIcon()
	if s.Upgrade != nil && s.Upgrade.State == control.UpgradeBroken && !g.asked {
		icon = theme.WarningIcon()
	}
	u.notices.bars[noticeUpgrade].icon.SetResource(icon)
	switch up := s.Upgrade; {
	case g.asked:
		say(words.Say("upgrade.restarting"), "", nil)
	case u.down || !u.everUp:
		u.notices.clear(noticeUpgrade)
	case up != nil && up.State == control.UpgradeReady && up.Version == s.Version:
		say(words.Say("upgrade.build", versions), words.Say("upgrade.restart"), u.restartDaemon)
	case up != nil && up.State == control.UpgradeReady:
		say(words.Say("upgrade.ready", versions), words.Say("upgrade.restart"), u.restartDaemon)
	case up != nil && up.State == control.UpgradeBroken && up.Problem != g.unwelcome:
		say(words.Say("upgrade.broken", versions), words.Say("dismiss"), func() {
			g.unwelcome = up.Problem
			u.refreshUpgrade()
		})
	case u.outdated():
		say(words.Say("upgrade.window", versions), words.Say("upgrade.reopen"), u.reopen)
	case u.o.Version != "" && s.Version != "" && u.o.Version != s.Version:
		say(words.Say("upgrade.other", versions), "", nil)
	default:
		u.notices.clear(noticeUpgrade)
	}
}

package window

import (
	"context"
	"slices"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Looks of the window that a person can choose, beside the system's.
const (
	themeLight = "light"
	themeDark  = "dark"
)

// generalSettings are those about Bellwire as a whole.
type generalSettings struct {
	*fyne.Container
	login    *formCheck
	atLogin  *setting
	language *picker[string]
	theme    *picker[string]
}

func newGeneralSettings(p *settingsPage, u *ui) *generalSettings {
	g := &generalSettings{}
	g.login = p.newCheck("")
	g.login.OnChanged = g.setLogin
	g.atLogin = newSetting(p, u, words.Say("settings.login"), words.Say("settings.login.hint"), flushRight(g.login))
	g.login.Disable() // until the daemon has said how it is
	g.language = newPicker(p, u, words.Say("settings.language"), words.Say("settings.language.hint"), []option[string]{
		{"", words.Say("settings.language.system")}, {"en", "English"}, {"zh", "简体中文"},
	}, func(s string) string { return s }, func(s *setting, v string) {
		p.change(s, func(to *subscriptions.Preferences) { to.Language = v })
	})
	g.theme = newPicker(p, u, words.Say("settings.theme"), "", []option[string]{
		{"", words.Say("settings.theme.system")}, {themeLight, words.Say("settings.theme.light")}, {themeDark, words.Say("settings.theme.dark")},
	}, func(s string) string { return s }, func(s *setting, v string) {
		u.prefs.SetString(prefTheme, v)
		fyne.CurrentApp().Settings().SetTheme(lookWhere(u.says, v))
		s.done()
	})
	g.theme.set(u.prefs.String(prefTheme))
	g.Container = column(4, g.atLogin.Container, g.language.Container, g.theme.Container)
	return g
}

func (g *generalSettings) set(p subscriptions.Preferences) { g.language.set(p.Language) }

// setAutostart shows whether Bellwire starts at login, or why that cannot be
// changed.
func (g *generalSettings) setAutostart(a control.Autostart, err error) {
	if err != nil {
		g.login.Disable()
		g.atLogin.say(errorWords(err))
		return
	}
	g.login.set(a.On)
	hint, importance := words.Say("settings.login.hint"), widget.LowImportance
	if a.Reason != "" {
		hint = loginReason(a)
	}
	if slices.Contains(loginTroubles, a.Reason) {
		importance = widget.WarningImportance
	}
	if l := g.atLogin.hint; l.Text != hint || l.Importance != importance {
		l.Importance = importance
		l.SetText(hint)
		g.atLogin.page.relayout()
	}
	if a.Unavailable != "" {
		g.login.Disable()
		g.atLogin.say(words.Say("settings.login.unavailable"), sentence(clip(a.Unavailable, maxTitle)))
		return
	}
	g.login.Enable()
	g.atLogin.say("", "")
}

// loginReasons are what control.Autostart's Reason says and there are words for.
var loginReasons = []string{"broken", "gone", "hidden", "not-here", "other-program", "portal", "switched-off", "system-wide"}

// loginTroubles are those of them that nobody wants.
var loginTroubles = []string{"broken", "gone", "other-program"}

// loginReason is what there is to know of what starts at login: in the
// person's language where its word is known.
func loginReason(a control.Autostart) string {
	if !slices.Contains(loginReasons, a.Reason) {
		return sentence(oneLine(a.Why, 2*maxTitle))
	}
	return sentence(words.Say("settings.login."+a.Reason, words.With{"Detail": oneLine(a.Detail, maxTitle)}))
}

func (g *generalSettings) setLogin(on bool) {
	u := g.login.form.u
	ask(u, func(ctx context.Context) (control.Autostart, error) {
		return u.o.Client.SetAutostart(ctx, on)
	}, func(a control.Autostart, err error) {
		if err != nil {
			g.login.set(!on)
			g.atLogin.say(errorWords(err))
			return
		}
		g.setAutostart(a, nil)
		if a.Unavailable == "" {
			g.atLogin.done()
		}
	})
}

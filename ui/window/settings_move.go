package window

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
)

// importTimeout bounds an import, which asks about one feed after the other.
const importTimeout = 2 * time.Minute

// moveSettings write all feeds to a file and read them from one.
type moveSettings struct {
	*fyne.Container
	u        *ui
	path     *formEntry
	outcome  *setting
	from, to *formButton
}

func newMoveSettings(p *settingsPage, u *ui) *moveSettings {
	m := &moveSettings{u: u}
	m.path = p.newEntry(entryPlain, words.Say("move.example"))
	m.path.SetText(defaultFile())
	choose := p.newButton(words.Say("move.choose"), theme.FolderOpenIcon(), m.choose)
	m.to = p.newButton(words.Say("move.export"), theme.UploadIcon(), m.export)
	m.from = p.newButton(words.Say("move.import"), theme.DownloadIcon(), m.importFeeds)
	m.outcome = newSetting(p, u, words.Say("move.title"), words.Say("move.hint"), across(4, m.to, m.from))
	if u.o.ExportFeeds == nil {
		m.to.Disable()
	}
	if u.o.ImportFeeds == nil {
		m.from.Disable()
	}
	m.Container = column(4, m.outcome.Container,
		inset(container.NewBorder(nil, nil, nil, inset(choose, 0, 0, 4, 0), m.path), 0, 8, 8, 0))
	return m
}

// defaultFile is where an export goes unless a person says otherwise.
func defaultFile() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "bellwire-feeds.yaml")
}

// homePath is a path that a person gave; ~ is the home folder.
func homePath(text string) string {
	path := strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	return path
}

// pathFor is the file that a person named, which has to be a whole path; else
// that is said.
func pathFor(text string, outcome *setting) (path string, ok bool) {
	path = homePath(text)
	if ok = filepath.IsAbs(path); !ok {
		outcome.say(words.Say("move.error.path"), words.Say("move.error.path.hint"))
	}
	return path, ok
}

func (m *moveSettings) choose() {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			return
		}
		_ = r.Close() // only its name is wanted
		m.path.SetText(r.URI().Path())
	}, m.u.win)
	d.Resize(fyne.NewSize(680, 480))
	d.Show()
}

func (m *moveSettings) export() {
	path, ok := pathFor(m.path.Text, m.outcome)
	if !ok {
		return
	}
	m.run(m.to, callTimeout, func(ctx context.Context) (string, error) {
		return words.Say("move.exported", words.With{"File": path}), m.u.o.ExportFeeds(ctx, path)
	})
}

func (m *moveSettings) importFeeds() {
	path, ok := pathFor(m.path.Text, m.outcome)
	if !ok {
		return
	}
	m.run(m.from, importTimeout, func(ctx context.Context) (string, error) { return m.u.o.ImportFeeds(ctx, path) })
}

// run does what takes its time, and tells how it went.
func (m *moveSettings) run(b *formButton, limit time.Duration, do func(context.Context) (string, error)) {
	m.outcome.say("", "")
	b.Disable()
	progress(m.u, words.Say("move.working"), limit, do, func(told string, err error) {
		b.Enable()
		if err != nil {
			m.outcome.say(errorWords(err))
			return
		}
		m.outcome.done()
		m.u.notices.say(noticeDone, told, words.Say("dismiss"), func() { m.u.notices.clear(noticeDone) })
		m.u.loadStatus()
	})
}

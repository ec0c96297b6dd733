package window

import (
	"context"
	"path/filepath"
	"time"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Backup is a copy of everything that Bellwire keeps but its secrets.
type Backup struct {
	Path string    // absolute
	Made time.Time // zero: there is none
	Size string    // for people: "1.2 GB"
}

// backupTimeout bounds a backup: of millions of events, to a slow disk. A
// person can give up before.
const backupTimeout = time.Hour

// prefBackup is the path of the last backup that was made in a window.
const prefBackup = "backup.path"

// backupSettings make a backup, and tell of the newest.
type backupSettings struct {
	*fyne.Container
	u       *ui
	page    *settingsPage
	path    *formEntry
	typed   bool // the path is a person's
	outcome *setting
	now     *formButton
	newest  *widget.Label
}

func newBackupSettings(p *settingsPage, u *ui) *backupSettings {
	b := &backupSettings{u: u, page: p, newest: newSmallLabel()}
	b.path = p.newEntry(entryPlain, words.Say("move.example"))
	b.path.OnChanged = func(string) { b.typed = true }
	b.path.OnSubmitted = func(string) { b.backUp() }
	choose := p.newButton(words.Say("move.choose"), theme.FolderOpenIcon(), b.choose)
	b.now = p.newButton(words.Say("backup.now"), theme.DocumentSaveIcon(), b.backUp)
	b.outcome = newSetting(p, u, words.Say("backup.title"), words.Say("backup.hint"), b.now)
	b.newest.Importance = widget.LowImportance
	b.newest.Wrapping = fyne.TextWrapBreak
	b.newest.Selectable = true
	b.newest.Hide()
	if u.o.Backup == nil {
		b.now.Disable()
	}
	b.Container = column(4, b.outcome.Container,
		inset(container.NewBorder(nil, nil, nil, inset(choose, 0, 0, 4, 0), b.path), 0, 0, 8, 0), b.newest)
	b.suggest()
	return b
}

// suggest names a file that is not there yet, until a person names another.
func (b *backupSettings) suggest() {
	if b.typed && b.path.Text != "" {
		return
	}
	b.path.SetText(freePath(downloads(), "bellwire-"+b.u.clock.now().Local().Format(time.DateOnly), "db"))
	b.typed = false
}

// load asks for the newest backup there is.
func (b *backupSettings) load() {
	b.suggest()
	if b.u.o.NewestBackup == nil {
		return
	}
	own := b.u.prefs.String(prefBackup)
	ask(b.u, func(ctx context.Context) (Backup, error) { return b.u.o.NewestBackup(ctx, own) }, func(got Backup, err error) {
		if err == nil { // else a new one tells what is wrong
			b.tell(got)
		}
	})
}

// tell says which backup is the newest.
func (b *backupSettings) tell(newest Backup) {
	text := words.Say("backup.none")
	if !newest.Made.IsZero() {
		text = words.Say("backup.newest", words.With{"When": words.Moment(newest.Made, b.u.clock.now()), "Size": newest.Size}) +
			"\n" + clip(oneLine(newest.Path, 2*maxTitle), 2*maxTitle)
	}
	if b.newest.Text == text {
		return
	}
	b.newest.SetText(text)
	b.newest.Show()
	b.page.relayout()
}

// choose lets a person choose another folder.
func (b *backupSettings) choose() {
	d := dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		if err == nil && dir != nil {
			b.path.SetText(filepath.Join(dir.Path(), filepath.Base(b.path.Text)))
		}
	}, b.u.win)
	d.Resize(fyne.NewSize(680, 480))
	d.Show()
}

func (b *backupSettings) backUp() {
	path, ok := pathFor(b.path.Text, b.outcome)
	if !ok {
		return
	}
	if b.now.Disabled() {
		return
	}
	b.outcome.say("", "")
	b.now.Disable()
	progress(b.u, words.Say("backup.working"), backupTimeout, func(ctx context.Context) (Backup, error) {
		return b.u.o.Backup(ctx, path)
	}, func(made Backup, err error) {
		b.now.Enable()
		if err != nil {
			b.outcome.say(errorWords(err))
			return
		}
		b.u.prefs.SetString(prefBackup, made.Path)
		b.outcome.done()
		b.tell(made)
		b.typed = false
		b.suggest()
		told := words.Say("backup.made", words.With{"File": made.Path, "Size": made.Size})
		b.u.notices.say(noticeDone, told, words.Say("dismiss"), func() { b.u.notices.clear(noticeDone) })
	})
}

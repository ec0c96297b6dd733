package window

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An exportPage writes events to a file: those that are selected, or all of a
// view.
type exportPage struct {
	*fyne.Container
	u    *ui
	seqs []int64 // none: all of view
	view view

	lead     *widget.Label
	format   *widget.RadioGroup
	path     *formField
	entry    *formEntry
	save     *widget.Button
	cancel   *widget.Button
	choose   *widget.Button
	progress *widget.Label
	bar      *widget.ProgressBarInfinite
	done     *widget.Label
	folder   *widget.Button
	stop     func() // ends a running export; nil when none runs
	typed    bool   // the path is a person's
	dir      string // of the file last written
}

// progressEvery is the shortest time between two tellings of progress.
const progressEvery = progressAfter

func newExportPage(u *ui) *exportPage {
	p := &exportPage{u: u, lead: widget.NewLabel(""), progress: newSmallLabel(), done: widget.NewLabel(""), bar: widget.NewProgressBarInfinite()}
	p.bar.Stop()
	title := widget.NewLabel(words.Say("export.title"))
	title.SizeName, title.TextStyle.Bold = sizeTitle, true
	p.lead.Wrapping, p.done.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	p.done.Selectable = true
	p.format = widget.NewRadioGroup([]string{words.Say("export.json"), words.Say("export.csv")}, func(string) { p.suggestPath() })
	p.format.Horizontal, p.format.Required = true, true
	p.entry = newForm(u).newEntry(entryPlain, "")
	p.entry.OnSubmitted = func(string) { p.start() }
	p.path = newField(words.Say("export.path"), "", p.entry, p.entry)
	p.entry.OnChanged = func(string) { p.typed = true; p.path.say("", "") }
	p.choose = widget.NewButton(words.Say("export.choose"), p.pick)
	p.save = widget.NewButton(words.Say("export.save"), p.start)
	p.save.Importance = widget.HighImportance
	p.cancel = widget.NewButton(words.Say("cancel"), p.leave)
	p.folder = widget.NewButtonWithIcon(words.Say("export.folder"), theme.FolderOpenIcon(), p.openFolder)
	form := column(8,
		column(-8, title, p.lead), inset(p.format, 0, 0, 8, 8),
		p.path.Container, inset(container.NewHBox(p.choose), 0, 8, 8, 8),
		inset(container.NewHBox(p.save, p.cancel), 0, 8, 8, 8),
		p.progress, inset(p.bar, 0, 0, 8, 8),
		column(-4, p.done, inset(container.NewHBox(p.folder), 4, 0, 8, 8)),
	)
	p.Container = container.NewStack(container.NewVScroll(inset(container.New(bounded{formWidth}, form), 24, 24, 24, 24)))
	return p
}

// openExport opens the page for some events; none is all of the view.
func (u *ui) openExport(seqs []int64) {
	if u.o.Export == nil {
		return
	}
	if u.export == nil {
		u.export = newExportPage(u)
	}
	u.export.seqs, u.export.view = seqs, u.events.view
	u.openPage(u.export)
}

func (p *exportPage) content() fyne.CanvasObject { return p.Container }

func (p *exportPage) opened() {
	for _, o := range []fyne.CanvasObject{p.progress, p.bar, p.done, p.folder} {
		o.Hide()
	}
	p.save.Enable()
	p.lead.SetText(words.Say("export.view"))
	if n := len(p.seqs); n > 0 {
		p.lead.SetText(words.Count("export.events", int64(n)))
	}
	p.typed = false
	if p.format.Selected == "" {
		p.format.SetSelected(p.format.Options[0])
	}
	p.suggestPath()
	p.path.say("", "")
	p.u.win.Canvas().Focus(p.entry)
}

func (p *exportPage) closed() {
	if p.stop != nil {
		p.stop()
	}
}

func (p *exportPage) refresh() {}

// leave ends a running export, or the page.
func (p *exportPage) leave() {
	if p.stop != nil {
		p.stop()
		return
	}
	p.u.closePage()
}

func (p *exportPage) kind() string {
	if p.format.Selected == p.format.Options[1] {
		return ExportFormats[1]
	}
	return ExportFormats[0]
}

// suggestPath names a file that does not exist yet, until somebody names
// another.
func (p *exportPage) suggestPath() {
	path := p.entry.Text
	if p.typed && path != "" {
		p.entry.SetText(strings.TrimSuffix(path, filepath.Ext(path)) + "." + p.kind())
		return
	}
	p.entry.SetText(freePath(downloads(), "bellwire-"+p.u.clock.now().Local().Format(time.DateOnly), p.kind()))
	p.typed = false
}

// downloads is where a person looks for a file; the home folder where there
// is no such place.
func downloads() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	d := filepath.Join(home, "Downloads")
	if i, err := os.Stat(d); err == nil && i.IsDir() {
		return d
	}
	return home
}

// freePath is a file of the name that does not exist yet.
func freePath(dir, name, ext string) string {
	path := filepath.Join(dir, name+"."+ext)
	for n := '2'; n <= '9'; n++ {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			break
		}
		path = filepath.Join(dir, name+"-"+string(n)+"."+ext)
	}
	return path
}

// pick lets a person choose the folder and name.
func (p *exportPage) pick() {
	d := dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		if err == nil && dir != nil {
			p.entry.SetText(filepath.Join(dir.Path(), filepath.Base(p.entry.Text)))
		}
	}, p.u.win)
	d.Show()
}

// start writes the file.
func (p *exportPage) start() {
	if p.stop != nil {
		return
	}
	path := homePath(p.entry.Text)
	if !filepath.IsAbs(path) {
		p.path.say(words.Say("export.error.path"), words.Say("export.error.path.hint"))
		return
	}
	if _, err := os.Lstat(path); err == nil {
		p.path.say(words.Say("export.error.exists"), words.Say("export.error.exists.hint"))
		return
	}
	u := p.u
	ctx, cancel := context.WithCancel(u.ctx)
	p.stop = cancel
	p.save.Disable()
	p.done.Hide()
	p.folder.Hide()
	stopTimer := u.clock.after(progressAfter, func() {
		p.bar.Show()
		p.bar.Start()
		p.progress.Show()
		p.Refresh()
	})
	kind, events := p.kind(), p.counted(p.events(ctx))
	u.tasks.Go(func() {
		n, err := u.o.Export(kind, path, events)
		u.main(func() {
			stopTimer()
			cancel()
			p.finished(n, path, err)
		})
	})
}

func (p *exportPage) finished(n int, path string, err error) {
	p.stop = nil
	p.save.Enable()
	p.bar.Stop()
	p.bar.Hide()
	p.progress.Hide()
	switch {
	case errors.Is(err, context.Canceled):
		p.done.SetText(words.Say("export.cancelled"))
	case err != nil:
		text, hint := errorWords(err)
		if _, ok := errors.AsType[*fs.PathError](err); ok {
			text, hint = words.Say("export.error.write"), err.Error()
		}
		p.path.say(text, hint)
		p.Refresh()
		return
	default:
		p.done.SetText(words.Count("export.done", int64(n)) + "\n" + clip(path, 4*maxTitle))
		p.dir = filepath.Dir(path)
		p.folder.Show()
	}
	p.done.Show()
	p.Refresh()
}

// counted tells a person how many events there were so far.
func (p *exportPage) counted(events iter.Seq2[subscriptions.Event, error]) iter.Seq2[subscriptions.Event, error] {
	return func(yield func(subscriptions.Event, error) bool) {
		n, told := int64(0), time.Now()
		for e, err := range events {
			if n++; time.Since(told) >= progressEvery {
				told = time.Now()
				p.u.main(func() { p.progress.SetText(words.Count("export.progress", n)) })
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// events are those to be written, the newest first.
func (p *exportPage) events(ctx context.Context) iter.Seq2[subscriptions.Event, error] {
	client, seqs, q := p.u.o.Client, p.seqs, p.view.query()
	if len(seqs) == 0 {
		return historyPages(ctx, client, q)
	}
	return func(yield func(subscriptions.Event, error) bool) {
		for i := len(seqs) - 1; i >= 0; i-- {
			e, err := client.Event(ctx, seqs[i])
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// historyPages are all events of a query.
func historyPages(ctx context.Context, client Client, q control.Query) iter.Seq2[subscriptions.Event, error] {
	return func(yield func(subscriptions.Event, error) bool) {
		for {
			page, err := client.Search(ctx, q)
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(subscriptions.Event{}, err)
				return
			}
			for _, e := range page.Events {
				if !yield(e, nil) {
					return
				}
			}
			if page.Through == 0 {
				return
			}
			q.Before = page.Through
		}
	}
}

func (p *exportPage) openFolder() {
	open := p.u.o.OpenFolder
	if open == nil {
		open = func(dir string) error {
			return fyne.CurrentApp().OpenURL(&url.URL{Scheme: "file", Path: filepath.ToSlash(dir)})
		}
	}
	if err := open(p.dir); err != nil {
		p.u.notices.trouble(words.Say("error.link"), err.Error())
	}
}

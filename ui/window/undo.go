package window

import (
	"context"
	"slices"

	"bellwire/internal/control"
	"bellwire/ui/words"
)

// maxTogether is how many rows one request to the daemon names.
const maxTogether = 500

// offerUndo says what was done, and takes it back when a person wants that
// within undoFor.
func (u *ui) offerUndo(text string, undo func()) {
	u.endOffer()
	end := func() {
		u.endOffer()
		u.notices.clear(noticeUndo)
	}
	u.notices.say(noticeUndo, text, words.Say("undo"), func() { end(); undo() })
	u.stopUndo = u.clock.after(undoFor, end)
}

// endOffer forgets what offerUndo offers; the notice is another's.
func (u *ui) endOffer() {
	if u.stopUndo != nil {
		u.stopUndo()
		u.stopUndo = nil
	}
}

// A deletion is rows that go unless somebody has second thoughts.
type deletion struct {
	seqs []int64
	stop func()
}

func (u *ui) isDeleting(seq int64) bool {
	return slices.ContainsFunc(u.deleting, func(d *deletion) bool {
		_, ok := slices.BinarySearch(d.seqs, seq)
		return ok
	})
}

// deleteEvents hides rows and deletes them once nobody wants them back.
func (u *ui) deleteEvents(seqs []int64) {
	seqs = slices.DeleteFunc(slices.Clone(seqs), u.isDeleting)
	if len(seqs) == 0 {
		return
	}
	slices.Sort(seqs)
	l := u.events.list
	next := int64(0)
	if len(seqs) == 1 && seqs[0] == l.selected {
		if next = l.beside(l.selected, 1); next == 0 || next == l.selected {
			next = l.beside(l.selected, -1)
		}
	}
	d := &deletion{seqs: seqs}
	d.stop = u.clock.after(undoFor, func() { u.finishDeletion(d) })
	u.deleting = append(u.deleting, d)
	u.offerUndo(words.Count("many.deleted", int64(len(seqs))), func() { u.keepEvents(d) })
	u.events.many.end()
	if slices.Contains(seqs, l.selected) {
		l.choose(0)
		u.detail.none()
		u.panes.read(false)
	}
	u.events.redraw(true)
	if next != 0 && next != seqs[0] {
		u.selectEvent(next)
	}
	u.focusList()
}

// keepEvents takes a deletion back.
func (u *ui) keepEvents(d *deletion) {
	d.stop()
	u.deleting = slices.DeleteFunc(u.deleting, func(e *deletion) bool { return e == d })
	u.events.redraw(true)
}

func (u *ui) finishDeletion(d *deletion) {
	ask(u, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.deleteNow(ctx, d)
	}, func(_ struct{}, err error) {
		u.deleting = slices.DeleteFunc(u.deleting, func(e *deletion) bool { return e == d })
		if err != nil {
			u.notices.trouble(errorWords(err))
			u.events.reload()
			return
		}
		u.events.hist.drop(d.seqs)
		u.loadStatus()
	})
}

func (u *ui) deleteNow(ctx context.Context, d *deletion) error {
	for seqs := range slices.Chunk(d.seqs, maxTogether) {
		if err := u.o.Client.DeleteEvents(ctx, seqs); err != nil {
			return err
		}
	}
	return nil
}

// finishDeletions deletes what a closing window still owes.
func (u *ui) finishDeletions() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), callTimeout)
	defer cancel()
	for _, d := range u.deleting {
		d.stop()
		if err := u.deleteNow(ctx, d); err != nil {
			u.o.Logger.Warn("events could not be deleted", "events", len(d.seqs), "error", err)
		}
	}
	u.deleting = nil
}

// markEvents marks rows read or unread.
func (u *ui) markEvents(seqs []int64, read bool) {
	if len(seqs) == 0 {
		return
	}
	u.showRead(read, seqs...)
	askOnly(u, func(ctx context.Context) error {
		for some := range slices.Chunk(seqs, maxTogether) {
			if _, err := u.o.Client.MarkRead(ctx, control.MarkRead{Seqs: some, Unread: !read}); err != nil {
				return err
			}
		}
		return nil
	})
}

// showRead draws rows as read or unread, in the list and beside it.
func (u *ui) showRead(read bool, seqs ...int64) {
	if e := &u.detail.event; e.Seq != 0 && slices.Contains(seqs, e.Seq) {
		e.Read = read
		u.detail.refreshMark()
	}
	u.events.setRead(read, seqs...)
}

// markViewRead marks everything in view as read: of feeds what there is up to
// now, of a search what is loaded of it.
func (u *ui) markViewRead() {
	v := u.events.view
	if v.text == "" && v.summary == 0 && v.folder == "" {
		u.markAllRead(v.feed)
		return
	}
	var seqs []int64
	for _, r := range u.events.hist.rows {
		if !r.read {
			seqs = append(seqs, r.seq)
		}
	}
	var marks []control.MarkRead
	for some := range slices.Chunk(seqs, maxTogether) {
		marks = append(marks, control.MarkRead{Seqs: some})
	}
	u.markWithUndo(words.Say("read.done"), marks, seqs)
}

// markAllRead marks everything of some feeds up to now, "" being all of
// them. It can be taken back for a while.
func (u *ui) markAllRead(ids ...string) {
	through := max(u.status.LastSeq, u.events.hist.newest())
	var marks []control.MarkRead
	var rows []int64
	for _, id := range ids {
		marks = append(marks, control.MarkRead{Feed: id, Through: through})
	}
	for _, r := range u.events.hist.rows {
		if !r.read && (slices.Contains(ids, r.feed) || slices.Contains(ids, "")) {
			rows = append(rows, r.seq)
		}
	}
	u.markWithUndo(u.readWords(ids), marks, rows)
}

// readWords say what has been marked read.
func (u *ui) readWords(ids []string) string {
	f, _ := u.feed(ids[0])
	switch {
	case ids[0] == "":
		return words.Say("read.done")
	case len(ids) == 1:
		return words.Say("read.done.of", words.With{"Name": clip(f.Name, maxName)})
	}
	return words.Say("read.done.of", words.With{"Name": clip(f.Look.Folder, maxName)})
}

// markWithUndo marks rows read, says so, and offers to take it back. rows are
// those in the list.
func (u *ui) markWithUndo(text string, marks []control.MarkRead, rows []int64) {
	u.showRead(true, rows...)
	ask(u, func(ctx context.Context) (undo []string, err error) {
		for _, m := range marks {
			done, err := u.o.Client.MarkRead(ctx, m)
			if err != nil {
				return undo, err
			}
			if done.Undo != "" {
				undo = append(undo, done.Undo)
			}
		}
		return undo, nil
	}, func(undo []string, err error) {
		u.loadStatus()
		if err != nil {
			u.events.reload() // some of them may be marked
			u.notices.trouble(errorWords(err))
			return
		}
		if len(undo) > 0 {
			u.offerUndo(text, func() { u.undoRead(undo, rows) })
		}
	})
}

// undoRead takes back what markWithUndo did to rows, those in the list among
// them.
func (u *ui) undoRead(undo []string, rows []int64) {
	ask(u, func(ctx context.Context) (struct{}, error) {
		for _, id := range undo {
			if err := u.o.Client.UndoRead(ctx, id); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	}, func(_ struct{}, err error) {
		u.loadStatus()
		if err != nil {
			u.notices.trouble(errorWords(err))
			return
		}
		u.showRead(false, rows...)
	})
}

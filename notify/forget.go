package notify

// Forget tells the worker that events have been deleted, from the outbox as
// well: nobody is told of them any more, unless they are on the screen.
func (w *Worker) Forget(seqs []int64) {
	w.mu.Lock()
	if w.deleted == nil {
		w.deleted = make(map[int64]bool, len(seqs))
	}
	for _, seq := range seqs {
		w.deleted[seq] = true
	}
	w.mu.Unlock()
	w.Reconsider()
}

// isDeleted reports whether an event was deleted since the round began.
func (w *Worker) isDeleted(seq int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deleted[seq]
}

// forget drops what was deleted before the round.
func (w *Worker) forget() {
	w.mu.Lock()
	deleted := w.deleted
	w.deleted = nil
	w.mu.Unlock()
	if len(deleted) == 0 {
		return
	}
	for seq := range w.kept {
		if deleted[seq] {
			delete(w.kept, seq)
		}
	}
	for _, g := range w.waiting {
		g.drop(deleted)
	}
	for _, g := range w.groups {
		if g.next != nil && deleted[g.next.Seq] {
			g.next = nil
		}
	}
}

package notify

import (
	"slices"
	"sync"
)

const (
	// maxShown bounds what is remembered of past notifications.
	maxShown = 512
	// maxToken bounds an activation token; it goes into an environment.
	maxToken = 512
	// maxEarly bounds the ids that signals came for before their answer; a
	// service tells everybody what happens to everybody's notifications.
	maxEarly = 32
)

// shown remembers what one service was given: the ids that stand for it, for
// replacing, and what a click on each means. It tells every click and every
// ending in the order they came. Safe for concurrent use.
type shown[ID comparable] struct {
	tell func(report) // must not wait

	mu    sync.Mutex
	byID  map[ID]*entry
	byKey map[string]ID // only what is still on the screen
	order []ID          // oldest first

	// A signal can overtake the answer that tells the id.
	waiting   bool
	early     map[ID]*entry
	replacing ID        // what the call under way replaces
	held      EndReason // how that one ended meanwhile
}

// An entry is one showing.
type entry struct {
	key     string
	target  Activation
	offered []string  // ids of buttons, and actionDefault
	token   string    // what lets us raise a window; comes before its click
	clicked []string  // what was clicked; before the answer: what to look at
	ended   EndReason // empty while it is on the screen
}

func newShown[ID comparable](tell func(report)) *shown[ID] {
	return &shown[ID]{tell: tell, byID: map[ID]*entry{}, byKey: map[string]ID{}}
}

// begin returns the id to replace, zero for none. end follows.
func (s *shown[ID]) begin(key string) ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting, s.replacing, s.held = true, s.byKey[key], ""
	return s.replacing
}

// end remembers n and what can be clicked on it under its id; zero means that
// it was not shown. It tells what came before the answer.
func (s *shown[ID]) end(id ID, n Notification, offered []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none ID
	early := s.early[id]
	s.waiting, s.early = false, nil
	if id == none {
		if old := s.byID[s.replacing]; s.held != "" && old != nil {
			s.leave(s.replacing, old, s.held)
		}
		return
	}
	s.drop(id)
	e := &entry{
		key: n.Key, offered: offered,
		target: Activation{Seq: n.Seq, Summary: n.Summary, Feed: n.Feed, Link: n.Link},
	}
	s.byID[id] = e
	s.byKey[n.Key] = id
	s.order = append(s.order, id)
	if len(s.order) > maxShown {
		s.drop(s.order[0])
	}
	if early == nil {
		return
	}
	e.token = early.token
	for _, action := range early.clicked {
		s.press(e, action)
	}
	if early.ended != "" {
		s.leave(id, e, early.ended)
	}
}

// token keeps what lets us raise a window; the click comes right after it.
func (s *shown[ID]) token(id ID, token string) {
	if len(token) > maxToken || token != oneLine(token, maxToken) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.find(id); e != nil {
		e.token = token
	}
}

// click tells a click on what was offered.
func (s *shown[ID]) click(id ID, action string) {
	if action != actionDefault && !ours(action) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(id)
	switch {
	case e == nil:
	case s.byID[id] == e:
		s.press(e, action)
	case !slices.Contains(e.clicked, action):
		e.clicked = append(e.clicked, action) // end looks at it
	}
}

// press tells the first click on each button of a showing. A click on the
// notification itself and one on Open are the same. s.mu is held.
func (s *shown[ID]) press(e *entry, action string) {
	once := action
	if once == actionDefault {
		once = ButtonOpen
	}
	if !slices.Contains(e.offered, action) || slices.Contains(e.clicked, once) {
		return
	}
	e.clicked = append(e.clicked, once)
	a := e.target
	a.Token = e.token
	if action != actionDefault {
		a.Button = action
	}
	s.tell(report{activation: a})
}

// closed takes that id has left the screen, and forgets that it can be
// replaced. What a click means stays: a service may keep closed ones where
// they can still be clicked.
func (s *shown[ID]) closed(id ID, why EndReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(id)
	switch {
	case e == nil:
	case s.waiting && id == s.replacing:
		s.held = why // if that call succeeds, it was replaced
	case s.byID[id] == e:
		s.leave(id, e, why)
	default:
		e.ended = why // end looks at it
	}
}

// leave tells that e has left the screen, unless a click has made it leave or
// another has taken its place. s.mu is held.
func (s *shown[ID]) leave(id ID, e *entry, why EndReason) {
	replaced := s.byKey[e.key] != id
	if !replaced {
		delete(s.byKey, e.key)
	}
	if e.ended == "" && !replaced && len(e.clicked) == 0 {
		s.tell(report{ending: Ending{Seq: e.target.Seq, Summary: e.target.Summary, Why: why}})
	}
	e.ended = why
}

// find is the entry of id, or while an answer is due a place to keep what
// came before it. s.mu is held.
func (s *shown[ID]) find(id ID) *entry {
	if e := s.byID[id]; e != nil {
		return e
	}
	if !s.waiting || len(s.early) >= maxEarly {
		return s.early[id]
	}
	if s.early == nil {
		s.early = map[ID]*entry{}
	}
	if s.early[id] == nil {
		s.early[id] = &entry{}
	}
	return s.early[id]
}

// drop forgets id. s.mu is held.
func (s *shown[ID]) drop(id ID) {
	e := s.byID[id]
	if e == nil {
		return
	}
	delete(s.byID, id)
	if s.byKey[e.key] == id {
		delete(s.byKey, e.key)
	}
	if i := slices.Index(s.order, id); i >= 0 {
		s.order = slices.Delete(s.order, i, i+1)
	}
}

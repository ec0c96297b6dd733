package notify

import "sync"

// The actions we offer; every other one is somebody else's.
const (
	actionDefault = "default" // a click on the body (§2 of the specification)
	actionOpen    = "open"
)

const (
	// maxShown bounds what is remembered of past notifications.
	maxShown = 512
	// maxToken bounds an activation token; it goes into an environment.
	maxToken = 512
)

// shown remembers what one service was given: the ids it gave back, for
// replacing, and what a click on each means. Safe for concurrent use.
type shown struct {
	mu    sync.Mutex
	byID  map[uint32]*entry
	byKey map[string]uint32 // only what is still on the screen
	order []uint32          // ids, oldest first

	// A click can overtake the answer that tells the id.
	waiting bool
	early   map[uint32]*entry
}

type entry struct {
	key     string
	target  Activation
	token   string
	clicked bool
}

func newShown() *shown {
	return &shown{byID: map[uint32]*entry{}, byKey: map[string]uint32{}}
}

// begin returns the id to replace, 0 for none. end follows.
func (s *shown) begin(key string) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = true
	return s.byKey[key]
}

// end remembers n under its id; 0 means that it was not shown. It reports a
// click that came before the answer.
func (s *shown) end(id uint32, n Notification) (Activation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	early := s.early[id]
	s.waiting, s.early = false, nil
	if id == 0 {
		return Activation{}, false
	}
	s.drop(id)
	e := &entry{key: n.Key, target: Activation{Seq: n.Seq, Feed: n.Feed, Link: n.Link}}
	s.byID[id] = e
	s.byKey[n.Key] = id
	s.order = append(s.order, id)
	if len(s.order) > maxShown {
		s.drop(s.order[0])
	}
	if early == nil {
		return Activation{}, false
	}
	if e.token = early.token; !early.clicked {
		return Activation{}, false
	}
	return s.take(e)
}

// token keeps what lets us raise a window; the click comes right after it.
func (s *shown) token(id uint32, token string) {
	if len(token) > maxToken || token != oneLine(token, maxToken) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.find(id); e != nil {
		e.token = token
	}
}

// click reports what was clicked. Every showing is clicked at most once.
func (s *shown) click(id uint32, action string) (Activation, bool) {
	if action != actionDefault && action != actionOpen {
		return Activation{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(id)
	if e == nil {
		return Activation{}, false
	}
	if s.byID[id] != e {
		e.clicked = true // end reports it
		return Activation{}, false
	}
	return s.take(e)
}

// closed forgets what the id replaces. What a click means stays: a
// service may keep closed ones where they can still be clicked.
func (s *shown) closed(id uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.byID[id]; e != nil && s.byKey[e.key] == id {
		delete(s.byKey, e.key)
	}
}

// find is the entry of id, or while an answer is due a place to keep what
// came before it. s.mu is held.
func (s *shown) find(id uint32) *entry {
	if e := s.byID[id]; e != nil {
		return e
	}
	const maxEarly = 8
	if !s.waiting || len(s.early) >= maxEarly {
		return s.early[id]
	}
	if s.early == nil {
		s.early = map[uint32]*entry{}
	}
	if s.early[id] == nil {
		s.early[id] = &entry{}
	}
	return s.early[id]
}

func (s *shown) take(e *entry) (Activation, bool) {
	if e.clicked {
		return Activation{}, false
	}
	e.clicked = true
	a := e.target
	a.Token = e.token
	return a, true
}

// drop forgets id. s.mu is held.
func (s *shown) drop(id uint32) {
	e := s.byID[id]
	if e == nil {
		return
	}
	delete(s.byID, id)
	if s.byKey[e.key] == id {
		delete(s.byKey, e.key)
	}
	for i, other := range s.order {
		if other == id {
			s.order = append(s.order[:i], s.order[i+1:]...)
			break
		}
	}
}

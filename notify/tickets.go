package notify

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
)

// tickets stand for notifications where a desktop hands text back with a
// click: the text is a random number and says nothing by itself. The newest
// [maxShown] are known, and each is good for one click. The zero value is
// ready; safe for concurrent use.
type tickets struct {
	mu    sync.Mutex
	known map[string]ticket
	order []string // oldest first; may name some that are taken
}

type ticket struct {
	target  Activation
	buttons []string // their ids
}

// issue makes a ticket for n with the given buttons.
func (t *tickets) issue(n Notification, buttons []Button) string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails
	id := hex.EncodeToString(random[:])
	k := ticket{target: Activation{Seq: n.Seq, Summary: n.Summary, Feed: n.Feed, Link: n.Link}}
	for _, b := range buttons {
		k.buttons = append(k.buttons, b.ID)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]ticket{}
	}
	t.known[id] = k
	t.order = append(t.order, id)
	if len(t.order) > maxShown {
		delete(t.known, t.order[0])
		t.order = t.order[1:]
	}
	return id
}

// buttonTicket is what button i of a notification hands back.
func buttonTicket(id string, i int) string { return id + "." + strconv.Itoa(i) }

// take is the click that text stands for, if it is one. Text may be anything.
func (t *tickets) take(text string) (Activation, bool) {
	id, button, pressed := strings.Cut(text, ".")
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.known[id]
	if !ok {
		return Activation{}, false
	}
	a := k.target
	if pressed {
		i, err := strconv.Atoi(button)
		if err != nil || i < 0 || i >= len(k.buttons) {
			return Activation{}, false
		}
		a.Button = k.buttons[i]
	}
	delete(t.known, id)
	return a, true
}

// look is the notification of a ticket that nobody has taken.
func (t *tickets) look(id string) (Activation, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.known[id]
	return k.target, ok
}

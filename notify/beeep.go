package notify

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/gen2brain/beeep"
)

const (
	// beeepTimeout bounds the wait: the library has none, and on Windows
	// may start PowerShell.
	beeepTimeout = 10 * time.Second
	// A toast has room for 5 kB.
	maxToastTitle, maxToastBody = 1000, 3000
)

// portable is the backend "beeep": notifications without clicks and without
// replacing, through the library of that name.
type portable struct {
	os    string
	o     Options
	send  func(title, body string, icon any) error
	calls *solo
	end   context.CancelFunc // ends a call; nil where nothing can
}

// openBeeep makes the backend. On Windows and macOS it calls the library in
// this process, elsewhere in a child: see [beeepByChild].
func openBeeep(os string, o Options) (Backend, error) {
	if os != "windows" && os != "darwin" {
		life, end := context.WithCancel(context.Background())
		send, err := beeepByChild(life, o)
		if err != nil {
			end()
			return nil, err
		}
		return &portable{os: os, o: o, send: send, calls: newSolo(), end: end}, nil
	}
	// The library keeps the name in a variable. It goes into a PowerShell
	// string and, on Windows, names a key in the registry.
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' {
			return r
		}
		return -1
	}, o.AppName)
	if name != "" && beeep.AppName != name {
		beeep.AppName = name
	}
	return &portable{os: os, o: o, send: beeep.Notify, calls: newSolo()}, nil
}

func (p *portable) Name() string { return "beeep" }

// Show waits up to 10 s. A call that hangs is left behind, one at most: while
// it does, other notifications fail at once.
func (p *portable) Show(ctx context.Context, n Notification) error {
	title, body, icon := p.text(n)
	return p.calls.do(ctx, beeepTimeout, n, func() error {
		if err := p.send(title, body, icon); err != nil {
			return fmt.Errorf("beeep: %w", err)
		}
		return nil
	})
}

// Close ends the child. On Windows and macOS it does not wait for a call that
// hangs: nothing can end it.
func (p *portable) Close() error {
	p.calls.close()
	if p.end != nil {
		p.end()
		p.calls.settle()
	}
	return nil
}

// text is n in the form that the library hands on unharmed.
func (p *portable) text(n Notification) (head, body, icon string) {
	head, body, icon = title(n, p.o), lines(n.Body, maxBody), p.o.Icon
	if body == "" {
		body = oneLine(n.FeedName, maxName) // an empty one is not shown by all
	}
	if p.os == "windows" {
		return toastText(head, maxToastTitle), toastText(body, maxToastBody), toastIcon(icon)
	}
	guard := startsSafely
	if p.os == "darwin" {
		head, body = printable(head), printable(body)
	} else {
		// Nearly every service reads the body as markup, and the library
		// cannot tell which do not.
		body = escapeMarkup(body)
		guard = func(s string) bool { return !strings.HasPrefix(s, "-") }
	}
	for _, s := range []*string{&head, &body} {
		if !guard(*s) {
			*s = "· " + *s // terminal-notifier and notify-send would read an option
		}
	}
	return head, body, icon
}

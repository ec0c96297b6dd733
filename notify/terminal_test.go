package notify

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

func TestTerminal(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	tests := map[string]struct {
		n    Notification
		want string
	}{
		"all of it":          {Notification{FeedName: "Deploys", Title: "web-1", Body: "first\nsecond", Link: "https://x/1", Priority: 3}, "Deploys web-1 — first — https://x/1"},
		"title alone":        {Notification{FeedName: "Deploys", Title: "web-1", Priority: 1}, "Deploys web-1"},
		"high":               {Notification{FeedName: "Deploys", Title: "web-1", Priority: 4}, "Deploys ! web-1"},
		"urgent":             {Notification{FeedName: "Deploys", Title: "web-1", Priority: 5}, "Deploys !! web-1"},
		"no name":            {Notification{Feed: "deploys", Title: "web-1"}, "deploys web-1"},
		"body as title":      {Notification{Feed: "d", Title: "same", Body: "same\nmore"}, "d same"},
		"empty first line":   {Notification{Feed: "d", Title: "t", Body: "\n \r\nlater"}, "d t — later"},
		"nothing at all":     {Notification{}, "…"},
		"escape sequences":   {Notification{Feed: "d", Title: "\x1b[2J\x1b]0;pwned\atitle", Body: "\u009b31m\x7fred"}, "d [2J]0;pwnedtitle — 31mred"},
		"bidi":               {Notification{Feed: "d", Title: "\u202eevil\u2066\u200f שלום"}, "d evil שלום"},
		"more than one line": {Notification{FeedName: "a\nb", Title: "c\r\nd", Link: "https://x/\n"}, "a b c d — https://x/"},
		"chinese and emoji":  {Notification{Feed: "d", Title: "你好 👩‍👩‍👧"}, "d 你好 👩‍👩‍👧"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out writes
			b, err := Open(t.Context(), "terminal", Options{Stdout: &out})
			if err != nil {
				t.Fatal(err)
			}
			test.n.Time = at.UTC()
			if err := b.Show(t.Context(), test.n); err != nil {
				t.Fatal(err)
			}
			if want := "03:04:05 " + test.want + "\n"; len(out) != 1 || out[0] != want {
				t.Errorf("wrote %q, want %q", out, want)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestTerminalIsGone(t *testing.T) {
	b, err := Open(t.Context(), "terminal", Options{Stdout: brokenPipe{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Show(t.Context(), Notification{}); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("writing to a broken pipe: %v", err)
	}
}

func TestTerminalLineIsOneHarmlessLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := terminalLine(Notification{
			FeedName: nasty().Draw(t, "feed"), Title: nasty().Draw(t, "title"),
			Body: nasty().Draw(t, "body"), Link: nasty().Draw(t, "link"), Priority: rapid.Int().Draw(t, "priority"),
		})
		text, ended := strings.CutSuffix(line, "\n")
		bad := func(r rune) bool { return unicode.IsControl(r) || isBidi(r) || r == '\u2028' || r == '\u2029' }
		if !ended || strings.ContainsFunc(text, bad) {
			t.Fatalf("%q", line)
		}
	})
}

func TestPlain(t *testing.T) {
	tests := map[string]struct{ in, one, many string }{
		"line breaks":      {"a\nb\r\nc\rd\u2028\u0085e", "a b c d  e", "a\nb\nc\nd\n\ne"},
		"edges":            {" \n\x00 a \n", "a", "a"},
		"invalid":          {"a\xffb\xc3", "a\ufffdb\ufffd", "a\ufffdb\ufffd"},
		"noncharacters":    {"a\ufdd0\ufffe\uffff\U0010ffffb", "ab", "ab"},
		"controls":         {"a\x00\x1b\x7f\u0080\u009fb\tc", "ab c", "ab c"},
		"ten":              {"0123456789", "0123456789", "0123456789"},
		"eleven":           {"0123456789a", "0123456789…", "0123456789…"},
		"cut at a joiner":  {"01234567👩\u200d👧", "01234567👩…", "01234567👩…"},
		"cut at a space":   {"012345678 9", "012345678…", "012345678…"},
		"only controls":    {"\x00\x01\n", "", ""},
		"huge and trimmed": {strings.Repeat("\n", 1<<20) + "a", "a", "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := oneLine(test.in, 10); got != test.one {
				t.Errorf("one line %q, want %q", got, test.one)
			}
			if got := lines(test.in, 10); got != test.many {
				t.Errorf("lines %q, want %q", got, test.many)
			}
		})
	}
}

package presets

import (
	"errors"
	"io/fs"
	"testing"
	"unicode/utf8"
)

// Whatever a person's file and options hold: it is refused with words and a
// place, or what it makes can be stored.
func FuzzPreset(f *testing.F) {
	names, err := fs.Glob(embedded, "*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(embedded, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "https://example.org/a/b?c=d", `x"}${y}{{ z`)
	}
	f.Add([]byte("title: ${t}\ntransport: sse\naddress: /${t}\noptions: {t: {about: x}}\n"), "example.org", "a b")
	f.Add([]byte("a: &a [*a]\n---\nb"), "", "")
	f.Fuzz(func(t *testing.T, text []byte, address, value string) {
		if len(text) > 4<<10 || len(address) > 200 || len(value) > 200 {
			return
		}
		p, err := Parse("fuzz", text)
		if err != nil {
			if e, ok := errors.AsType[*FileError](err); ok && (e.Line < 0 || e.Column < 0) || err.Error() == "" || !utf8.ValidString(err.Error()) && utf8.Valid(text) {
				t.Errorf("%q", err)
			}
			return
		}
		options := make(map[string]string)
		for _, name := range p.OptionNames() {
			options[name] = value
		}
		feed, err := p.Feed(address, options)
		if err != nil {
			return
		}
		feed.Name = "fuzz"
		feed.TakeSecrets()
		_ = feed.Validate()
	})
}

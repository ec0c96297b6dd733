// Package words holds every word Bellwire shows to people, in English and in
// simplified Chinese, through Fyne's lang package.
//
// It needs no running Fyne app, so that the tray speaks the same language as
// the window. It must not know who shows its words, nor where.
package words

import (
	_ "embed"
	"strings"
	"sync"

	_ "bellwire/ui/locale" // before Fyne

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

var (
	//go:embed en.json
	english []byte
	//go:embed zh.json
	chinese []byte
)

// With fills the holes of a phrase: {{.Name}} takes With{"Name": …}.
type With map[string]any

// load registers the phrases at the first use, so that a program that shows
// no words does not pay for them.
var load = sync.OnceFunc(register)

// register hands the phrases to Fyne. Fyne brings words of its own in more
// languages than ours; there a missing phrase would be shown as its key, so
// the people of those languages get English.
func register() {
	add := func(data []byte, locale fyne.Locale) {
		if err := lang.AddTranslationsForLocale(data, locale); err != nil {
			fyne.LogError("loading the words for "+locale.String(), err)
		}
	}
	add(english, "en")
	add(chinese, "zh-Hans")
	base, _, _ := strings.Cut(string(lang.SystemLocale()), "-")
	switch base {
	case "en", "zh":
	case "pt":
		add(english, "pt-BR")
		fallthrough
	default:
		add(english, fyne.Locale(base))
	}
}

// Say is the phrase for key in the person's language. An unknown key is
// shown as it is.
func Say(key string, with ...With) string {
	load()
	if len(with) == 0 {
		return lang.X(key, key)
	}
	return lang.X(key, key, map[string]any(with[0]))
}

// Count is the phrase for n things: key.one or key.other, with {{.N}} filled.
func Count(key string, n int64) string {
	if n == 1 {
		return Say(key+".one", With{"N": n})
	}
	return Say(key+".other", With{"N": n})
}

// Package words holds every word Bellwire shows to people, in English and in
// simplified Chinese, through Fyne's lang package.
//
// It needs no running Fyne app, so that the tray speaks the same language as
// the window. It must not know who shows its words, nor where.
package words

import (
	_ "embed"
	"os"
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
var load = sync.OnceFunc(func() {
	speaking.Lock()
	defer speaking.Unlock()
	register("")
})

// speaking is held while the language changes.
var speaking sync.RWMutex

// Use makes all words those of a language, en or zh; empty, as it is at
// first: the system's. What was said before stays as it is. It is safe for
// concurrent use with the rest of this package, but not with Fyne's own words:
// a window chooses its language before it is built.
func Use(language string) {
	load()
	speaking.Lock()
	defer speaking.Unlock()
	if locale := map[string]string{"en": "en_US", "zh": "zh_CN"}[language]; locale != "" {
		// Fyne chooses its own words by the system's locale whenever phrases
		// are added. Only some systems ask the environment for it, so register
		// does not count on that.
		defer restore("LANGUAGE")()
		os.Setenv("LANGUAGE", locale)
	}
	register(language)
}

// restore returns what gives a variable its present value again.
func restore(name string) func() {
	value, set := os.LookupEnv(name)
	if !set {
		return func() { os.Unsetenv(name) }
	}
	return func() { os.Setenv(name, value) }
}

// register hands the phrases to Fyne, all in the one language that was
// chosen. Fyne brings words of its own in more languages than ours; there a
// missing phrase would be shown as its key, so the people of those languages
// get English.
func register(language string) {
	add := func(data []byte, locale fyne.Locale) {
		switch language {
		case "en":
			data = english
		case "zh":
			data = chinese
		}
		if err := lang.AddTranslationsForLocale(data, locale); err != nil {
			fyne.LogError("loading the words for "+locale.String(), err)
		}
	}
	add(english, "en")
	add(chinese, "zh-Hans")
	base, _, _ := strings.Cut(system(), "-")
	switch base {
	case "en", "zh":
	case "pt":
		add(english, "pt-BR")
		fallthrough
	default:
		add(english, fyne.Locale(base))
	}
}

// system is the locale that the process began with.
var system = sync.OnceValue(func() string { return string(lang.SystemLocale()) })

// Say is the phrase for key in the person's language. An unknown key is
// shown as it is.
func Say(key string, with ...With) string {
	load()
	speaking.RLock()
	defer speaking.RUnlock()
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

// Package locale gives Fyne a language where the system names none. Import
// it for its effect; it knows nothing else.
//
// In the locales "C" and "POSIX" (containers, servers, cron) Fyne's lang
// package writes an error to standard error while it is initialised, before
// anybody could stop it, and so in every command of a program that has Fyne in
// it. Go initialises packages in the order of their import paths as far as
// imports allow (Go specification, "Program initialization"), so this one
// comes first.
package locale

import (
	"os"
	"strings"
)

func init() {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if nameless(os.Getenv(name)) {
			os.Setenv(name, "en_US.UTF-8")
		}
	}
	if os.Getenv("LANG") == "" {
		os.Setenv("LANG", "en_US.UTF-8")
	}
}

// nameless reports whether a locale names no language.
func nameless(locale string) bool {
	return locale == "C" || locale == "POSIX" || strings.HasPrefix(locale, "C.")
}

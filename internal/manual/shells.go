package manual

import (
	_ "embed"
	"fmt"
	"io"
)

//go:embed shells/bellwire.bash
var bash []byte

//go:embed shells/bellwire.zsh
var zsh []byte

//go:embed shells/bellwire.fish
var fish []byte

// Completions are the shells' scripts, by the paths that packages have them
// under. All of them ask the program what may come next, with
//
//	bellwire complete -- WORD ...
//
// and read what [Completion.Write] writes; none of them evaluates it.
func Completions() map[string][]byte {
	return map[string][]byte{"bash/bellwire": bash, "zsh/_bellwire": zsh, "fish/bellwire.fish": fish}
}

// Write tells shells: each candidate on a line, with a tab and what it means
// behind it, and ":files" or ":folders" where the shell knows better.
func (c Completion) Write(w io.Writer) error {
	if c.Ask != "" {
		if _, err := fmt.Fprintf(w, ":%s\n", c.Ask); err != nil {
			return err
		}
	}
	for _, x := range c.Candidates {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", x.Value, x.About); err != nil {
			return err
		}
	}
	return nil
}

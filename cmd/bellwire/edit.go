package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
)

type editCmd struct{ feedID }

func (c *editCmd) Run(e *env) error {
	n, err := definition(e, c.ID)
	if err != nil {
		return err
	}
	before, err := feedfile.Marshal(feedfile.File{Feeds: []feedfile.Feed{feedfile.FromDefinition(n)}})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bellwire-edit-") // mode 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, c.ID+".yaml")
	if err := errors.Join(os.WriteFile(path, before, 0o600), os.WriteFile(filepath.Join(dir, "feeds.schema.json"), feedfile.SchemaJSON(), 0o600)); err != nil {
		return err
	}
	for {
		if err := runEditor(e, path); err != nil {
			return err
		}
		after, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Equal(before, after) {
			fmt.Fprintf(e.out, "%s was not changed\n", c.ID)
			return nil
		}
		change, err := c.change(e, after)
		if err == nil {
			writeChange(e.out, c.ID, change)
			return nil
		}
		if !e.onTerminal() {
			return err
		}
		report(e.err, err)
		if !e.ask("Edit it again?", true) {
			return errors.New("nothing was changed")
		}
	}
}

// change makes the feed what the text says.
func (c *editCmd) change(e *env, text []byte) (control.Change, error) {
	doc, err := feedfile.Parse(text)
	if err != nil {
		return control.Change{}, &usageError{err}
	}
	if len(doc.Entries) != 1 || doc.Kind != feedfile.KindBellwire {
		return control.Change{}, withHint(&usageError{errors.New("the file must have this one feed")}, "Several are changed with: bellwire apply FILE")
	}
	entry := doc.Entries[0]
	if id := entry.Feed.ID; id != "" && id != c.ID {
		return control.Change{}, &usageError{fmt.Errorf("line %d: the id of a feed cannot be changed, and is %q", entry.LineOf("id"), c.ID)}
	}
	change, err := e.client().ChangeFeed(e.ctx, c.ID, entry.Feed.Definition())
	if m := (*control.Error)(nil); errors.As(err, &m) {
		line := entry.Line
		if f := field.FindStringSubmatch(m.Message); f != nil {
			line = entry.LineOf(f[1])
		}
		m.Message = fmt.Sprintf("line %d: %s", line, m.Message)
	}
	return change, err
}

// runEditor lets a person change a file.
func runEditor(e *env, path string) error {
	fallback := "vi"
	if runtime.GOOS == "windows" {
		fallback = "notepad"
	}
	argv := strings.Fields(cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), fallback))
	if len(argv) == 0 {
		argv = []string{fallback}
	}
	cmd := exec.CommandContext(e.ctx, argv[0], append(argv[1:], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.in, e.out, e.err
	if err := cmd.Run(); err != nil {
		return withHint(fmt.Errorf("the editor %q failed, and nothing was changed: %w", argv[0], err), "Choose another one with the variable EDITOR")
	}
	return nil
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
)

type exportCmd struct {
	File   string   `arg:"" optional:"" type:"path" help:"File to write, for you alone to read. Default: standard output."`
	Feed   []string `placeholder:"ID" help:"Only this feed; may be repeated."`
	Force  bool     `help:"Replace a file that is there."`
	Schema bool     `help:"Write the JSON Schema of such files instead; editors look for it as feeds.schema.json beside them."`
}

func (c *exportCmd) Run(e *env) error {
	b := feedfile.SchemaJSON()
	if !c.Schema {
		defs, err := e.client().Definitions(e.ctx)
		if err != nil {
			return err
		}
		if b, err = c.marshal(defs); err != nil {
			return err
		}
	}
	if c.File == "" || filepath.Base(c.File) == "-" {
		_, err := e.out.Write(b)
		return err
	}
	err := writeFile(c.File, b, c.Force)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("there is a file %s already", c.File), "Replace it with --force")
	}
	return err
}

func (c *exportCmd) marshal(defs []control.NewFeed) ([]byte, error) {
	var file feedfile.File
	for _, id := range c.Feed {
		if !slices.ContainsFunc(defs, func(n control.NewFeed) bool { return n.ID == id }) {
			return nil, control.Refuse(404, "See them with: bellwire feeds", "there is no feed %q", id)
		}
	}
	for _, n := range defs {
		if len(c.Feed) == 0 || slices.Contains(c.Feed, n.ID) {
			file.Feeds = append(file.Feeds, feedfile.FromDefinition(n))
		}
	}
	return feedfile.Marshal(file)
}

// writeFile writes a file whole or not at all, with mode 0600. Without force
// the error wraps [fs.ErrExist] where there is one.
func writeFile(path string, b []byte, force bool) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // nothing after the rename
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if !force {
		if _, err := os.Lstat(path); err == nil {
			return fs.ErrExist
		}
	}
	return os.Rename(tmp.Name(), path)
}

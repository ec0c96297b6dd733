package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"bellwire/internal/daemon"
	"bellwire/storage"
)

type backupCmd struct {
	File  string `arg:"" type:"path" help:"File to write, for you alone to read."`
	Force bool   `help:"Replace a file that is there."`
}

// Run reads the database beside the daemon, not through it: events wait no
// longer meanwhile, and it works where the daemon does not.
func (c *backupCmd) Run(e *env) error {
	if _, err := os.Stat(e.dirs.Database()); errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("there is no database in %q yet", e.dirs.Data), "Start Bellwire once, or choose another folder with --dir")
	}
	copied, err := storage.CopyTo(e.ctx, e.dirs.Database(), c.File, c.Force)
	switch {
	case errors.Is(err, fs.ErrExist):
		return withHint(fmt.Errorf("there is a file %s already", c.File), "Replace it with --force")
	case err != nil:
		return err
	}
	fmt.Fprintf(e.out, "backed up %s to %s\n", contentsOf(copied), c.File)
	fmt.Fprintln(e.out, "Not in it: passwords and tokens. They stay in the keyring, or in secrets.json, of this machine;")
	fmt.Fprintln(e.out, "on another one, give them to their feeds again with: bellwire set")
	return nil
}

type restoreCmd struct {
	File string `arg:"" type:"path" help:"A file that bellwire backup has made, or one of the folder backups beside the database."`
}

func (c *restoreCmd) Run(e *env) error {
	if _, err := os.Stat(c.File); errors.Is(err, fs.ErrNotExist) { // before a folder is made for it
		return withHint(fmt.Errorf("there is no file %s", c.File), "Name a file that bellwire backup has made; those that Bellwire makes by itself are in the folder backups beside its database")
	}
	lock, err := e.dirs.Lock()
	if errors.Is(err, daemon.ErrRunning) {
		return withHint(errors.New("bellwire is running, and has the database open"), "Stop it with: bellwire quit, then restore again")
	}
	if err != nil {
		return folderHint(err)
	}
	defer lock.Close()
	kept, copied, err := storage.Restore(e.ctx, c.File, e.dirs.Database())
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "restored %s\n", contentsOf(copied))
	if kept != "" {
		fmt.Fprintf(e.out, "The database that was there is kept: %s\n", kept)
	}
	fmt.Fprintln(e.out, "At the next start feeds go on from where they were when the backup was made: servers that can replay send what came since once more.")
	return nil
}

type salvageCmd struct {
	Damaged string `arg:"" type:"path" help:"The damaged database; it stays as it is."`
	File    string `arg:"" type:"path" help:"File to write, for you alone to read."`
}

func (c *salvageCmd) Run(e *env) error {
	copied, err := storage.Salvage(e.ctx, c.Damaged, c.File)
	switch {
	case errors.Is(err, fs.ErrExist):
		return withHint(fmt.Errorf("there is a file %s already", c.File), "Name another one")
	case err != nil:
		return withHint(err, "Go back to a backup: bellwire restore FILE")
	}
	fmt.Fprintf(e.out, "saved %s to %s\n", contentsOf(copied), c.File)
	return nil
}

// contentsOf is what a copy holds, in words.
func contentsOf(c storage.Copied) string {
	return fmt.Sprintf("%s of %s (%s)", counted(c.Events, "event"), counted(c.Feeds, "feed"), storage.Size(c.Size))
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}

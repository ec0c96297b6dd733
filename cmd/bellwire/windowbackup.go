//go:build !headless

package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/ui/window"
	"bellwire/ui/words"
)

// backUp is bellwire backup for the window.
func backUp(ctx context.Context, e *env, path string) (window.Backup, error) {
	if _, err := os.Stat(e.dirs.Database()); errors.Is(err, fs.ErrNotExist) {
		return window.Backup{}, noBackup("nothing")
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return window.Backup{}, noBackup("folder")
	}
	_, err := storage.CopyTo(ctx, e.dirs.Database(), path, false)
	if err == nil {
		return backupAt(path)
	}
	r, refused := errors.AsType[*storage.Refusal](err)
	switch {
	case ctx.Err() != nil:
		return window.Backup{}, ctx.Err()
	case errors.Is(err, fs.ErrExist):
		text, hint := words.FileExists()
		return window.Backup{}, control.Refuse(http.StatusConflict, hint, "%s", text)
	case errors.Is(err, fs.ErrPermission):
		return window.Backup{}, noBackup("denied")
	case refused && r.Kind == storage.RefusedRoom:
		return window.Backup{}, noBackup("room")
	}
	return window.Backup{}, err
}

// noBackup is why there is none, in words.
func noBackup(why string) error {
	text, hint := words.BackupRefused(why)
	return control.Refuse(http.StatusBadRequest, hint, "%s", text)
}

// backupAt is the backup in a file.
func backupAt(path string) (window.Backup, error) {
	i, err := os.Stat(path)
	if err != nil {
		return window.Backup{}, err
	}
	return window.Backup{Path: path, Made: i.ModTime(), Size: storage.Size(i.Size())}, nil
}

// newestBackup is the newest of the copies that Bellwire has made of a
// database by itself, and of own, which may be gone.
func newestBackup(database, own string) (newest window.Backup, err error) {
	if own != "" {
		if newest, err = backupAt(own); err != nil {
			newest = window.Backup{} // it is somewhere else by now
		}
	}
	copies, err := storage.Backups(database)
	if err == nil && len(copies) > 0 && copies[0].Made.After(newest.Made) {
		newest = window.Backup{Path: copies[0].Path, Made: copies[0].Made, Size: storage.Size(copies[0].Size)}
	}
	return newest, err
}

// doctorReport is what bellwire doctor says, in a process of its own: it takes over
// the daemon's surroundings, which are not the window's.
func doctorReport(ctx context.Context, e *env) (string, error) {
	name, args, err := e.self("doctor")
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && (!ended || len(out) == 0 || ctx.Err() != nil) {
		return "", errors.Join(ctx.Err(), err) // else it has found something
	}
	return string(out), nil
}

package secrets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A file keeps secrets in one JSON object that only its owner can read. One
// process uses it at a time.
type file struct {
	path string
	mu   sync.Mutex
}

func (f *file) get(entry string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return "", err
	}
	value, ok := all[entry]
	if !ok {
		return "", errNotFound
	}
	return value, nil
}

func (f *file) set(entry, value string) error {
	return f.change(func(all map[string]string) { all[entry] = value })
}

func (f *file) remove(entry string) error {
	return f.change(func(all map[string]string) { delete(all, entry) })
}

func (f *file) read() (map[string]string, error) {
	b, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the file of secrets: %w", err)
	}
	all := map[string]string{}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("the file of secrets %q is damaged", f.path) // the cause would quote it
	}
	return all, nil
}

// change replaces the file whole, so that a crash leaves the old or the new.
func (f *file) change(edit func(map[string]string)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	edit(all)
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := replace(f.path, b); err != nil {
		return fmt.Errorf("writing the file of secrets: %w", err)
	}
	return nil
}

func replace(path string, b []byte) error {
	// CreateTemp makes files with mode 0600.
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-")
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
	return os.Rename(tmp.Name(), path)
}

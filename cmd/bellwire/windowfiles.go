//go:build !headless

package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"bellwire/internal/control"
	"bellwire/ui/words"
)

// exportFeeds is bellwire export for the window.
func exportFeeds(ctx context.Context, e *env, path string) error {
	defs, err := e.client().Definitions(ctx)
	if err != nil {
		return err
	}
	b, err := (&exportCmd{}).marshal(defs)
	if err != nil {
		return err
	}
	err = writeFile(path, b, false)
	if errors.Is(err, fs.ErrExist) {
		text, hint := words.FileExists()
		return control.Refuse(http.StatusConflict, hint, "%s", text)
	}
	return err
}

// importFeeds is bellwire import for the window, where nobody can be asked
// about feeds that run programs or show what is in files: those are refused.
func importFeeds(ctx context.Context, e *env, path string) (summary string, err error) {
	quiet := *e
	quiet.ctx = ctx
	quiet.in, quiet.out, quiet.err = strings.NewReader(""), io.Discard, io.Discard
	doc, err := readFeeds(&quiet, path)
	if err != nil {
		return "", forWindow(err)
	}
	t, err := (&importCmd{File: path}).addAll(&quiet, doc)
	if err != nil {
		return "", err
	}
	told := words.Imported(t.added, t.there, t.failed)
	if t.failed == 0 {
		return told, nil
	}
	trouble := forWindow(t.trouble)
	return "", control.Refuse(http.StatusBadRequest, strings.TrimSpace(trouble.Message+". "+trouble.Hint), "%s", told)
}

// forWindow is err with its hint where the window finds it.
func forWindow(err error) *control.Error {
	if e, ok := errors.AsType[*control.Error](err); ok {
		return e
	}
	e := control.Refuse(http.StatusBadRequest, "", "%v", err)
	if h, ok := errors.AsType[*hintError](err); ok {
		e.Hint = h.hint
	}
	return e
}

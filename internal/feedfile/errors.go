package feedfile

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// An Error is a mistake in a file. It quotes names, never values: those may
// be secrets.
type Error struct {
	Line, Column int // from 1; 0 where there is none
	Message      string
}

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return e.Message
	case e.Column == 0:
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

func mistake(line, column int, format string, args ...any) *Error {
	return &Error{Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

func at(t *token.Token, format string, args ...any) *Error {
	if t == nil || t.Position == nil {
		return mistake(0, 0, format, args...)
	}
	return mistake(t.Position.Line, t.Position.Column, format, args...)
}

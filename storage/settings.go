package storage

import (
	"context"
	"fmt"
)

// Setting is a stored value; the error wraps [ErrNotFound] where there is
// none.
func (db *DB) Setting(ctx context.Context, key string) (string, error) {
	var value string
	if err := db.readers.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = ?", key).Scan(&value); err != nil {
		return "", fmt.Errorf("setting %q: %w", key, missing(err))
	}
	return value, nil
}

// SetSetting stores a value, in place of an older one.
func (db *DB) SetSetting(ctx context.Context, key, value string) error {
	err := db.update(ctx, func(t *tx) error {
		_, err := t.exec(t.set, key, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("setting %q: %w", key, err)
	}
	return nil
}

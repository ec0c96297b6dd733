package storage

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

// migrations holds one numbered file a schema version, in order.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to the newest version, one transaction a step.
// The version is SQLite's user_version.
func migrate(ctx context.Context, conn *sql.Conn) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, conn)
	if err != nil {
		return err
	}
	if version > len(names) {
		return fmt.Errorf("%w: its schema is %d, this program knows %d; install the newer version", ErrTooNew, version, len(names))
	}
	for v := version; v < len(names); v++ {
		script, err := migrations.ReadFile(names[v])
		if err != nil {
			return err
		}
		if err := step(ctx, conn, v+1, string(script)); err != nil {
			return fmt.Errorf("migrating the database to schema %d: %w", v+1, err)
		}
	}
	return nil
}

// schemaVersion is 0 for an empty database. A database without a version
// that has tables is somebody else's.
func schemaVersion(ctx context.Context, conn *sql.Conn) (int, error) {
	var version, objects int
	err := conn.QueryRowContext(ctx, "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)").Scan(&version, &objects)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	if version < 0 || version == 0 && objects > 0 {
		return 0, fmt.Errorf("the file is a database, but not Bellwire's")
	}
	return version, nil
}

// step runs one migration and notes its version, both or neither.
func step(ctx context.Context, conn *sql.Conn, version int, script string) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

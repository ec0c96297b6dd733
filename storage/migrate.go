package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
)

// migrations holds one numbered file a schema version, in order.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemas are the scripts that lead from each schema to the next.
func schemas() (scripts []string) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	for _, name := range names {
		script, err := migrations.ReadFile(name)
		if err != nil {
			panic(err) // what is embedded is there
		}
		scripts = append(scripts, string(script))
	}
	return scripts
}

// An upgrade brings the database at path to the newest schema. The version of
// a schema is SQLite's user_version.
type upgrade struct {
	path    string
	scripts []string
	program string                          // the version of this one
	free    func(dir string) (int64, error) // room on the disk, in bytes
	log     *slog.Logger

	from   int
	backup string // made before it; empty: none
}

func newUpgrade(path string, o Options) *upgrade {
	u := &upgrade{path: path, scripts: schemas(), program: o.Program, free: freeSpace, log: o.Logger}
	if u.log == nil {
		u.log = slog.New(slog.DiscardHandler)
	}
	return u
}

// prepare looks at the database before anything is written, and puts a copy
// of one of an older schema beside it.
func (u *upgrade) prepare(ctx context.Context) error {
	if err := u.look(ctx); err != nil || u.from == 0 || u.from == len(u.scripts) {
		return err
	}
	size, err := sizeOf(u.path)
	if err != nil {
		return err
	}
	if err := u.hasRoom(size); err != nil {
		return err
	}
	to, err := newBackupPath(u.path, fmt.Sprint("schema", u.from))
	if err != nil {
		return u.refuse(err)
	}
	u.log.Info("upgrading the database: this may take minutes where it is large",
		"schema", u.from, "to", len(u.scripts), "megabytes", size>>20, "backup", to)
	sweep(filepath.Dir(to), "bellwire-", 0) // nobody else makes any there
	if err := copyDatabase(ctx, u.path, to); err != nil {
		return u.refuse(fmt.Errorf("making the backup %q: %w", to, err))
	}
	u.backup = to
	return nil
}

// look finds out which schema there is; none where there is no file yet.
func (u *upgrade) look(ctx context.Context) error {
	if err := notEmptied(u.path); err != nil {
		return err
	}
	switch size, err := sizeOf(u.path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case size == 0: // made by a start that has come no further
		return nil
	}
	return steady(ctx, u.path, func() error { return u.lookOnce(ctx) })
}

func (u *upgrade) lookOnce(ctx context.Context) error {
	conn, end, err := connectQuietly(ctx, u.path)
	if err != nil {
		return err
	}
	defer end()
	if u.from, err = schemaVersion(ctx, conn); err != nil {
		return err
	}
	if u.from > len(u.scripts) {
		return tooNew(u.path, u.from, len(u.scripts), writtenBy(ctx, conn))
	}
	return nil
}

// rewriting is the first schema on the way to which every row is written anew.
// It is so twice.
const rewriting = 5

// hasRoom asks for what an upgrade may take beside a database of the given
// size: a copy of it, and as much again for the log, or twice as much.
func (u *upgrade) hasRoom(size int64) error {
	dir := filepath.Dir(u.path)
	free, err := u.free(dir)
	if err != nil {
		u.log.Warn("there is no telling how much room the disk has", "error", err)
		return nil
	}
	needed := 2*size + spare
	if u.from < rewriting {
		needed += size
	}
	if free < needed {
		return &Refusal{
			Kind: RefusedRoom,
			err:  fmt.Errorf("the database has to be upgraded, and there is not enough room: %s are needed in %q, %s are free", Size(needed), dir, Size(free)),
			hint: "Nothing has been changed. Free some space there and start Bellwire again; until then the version that you had works",
		}
	}
	return nil
}

// run makes all steps in one transaction: after a failure the database is
// what it was, and the older program goes on with it.
func (u *upgrade) run(ctx context.Context, conn *sql.Conn) error {
	err := u.migrate(ctx, conn)
	if err == nil {
		u.forget(prune(u.path, u.backup))
		return nil
	}
	if u.backup != "" { // of what is still there
		u.forget(removeDatabase(u.backup))
	}
	return u.refuse(err)
}

func (u *upgrade) forget(err error) {
	if err != nil {
		u.log.Warn("a backup that is not needed is still there", "error", err)
	}
}

// refuse says of a failed upgrade that nothing is lost.
func (u *upgrade) refuse(err error) error {
	if u.from == 0 {
		return err
	}
	return &Refusal{
		Kind: RefusedUpgrade,
		err:  fmt.Errorf("upgrading the database from schema %d to %d: %w", u.from, len(u.scripts), err),
		hint: fmt.Sprintf("Nothing has been changed. See that the disk has room and that %q is yours to write, then start Bellwire again; until then the version that you had works", filepath.Dir(u.path)),
	}
}

func (u *upgrade) migrate(ctx context.Context, conn *sql.Conn) error {
	version, err := schemaVersion(ctx, conn)
	if err != nil {
		return err
	}
	if version != u.from {
		return fmt.Errorf("its schema was %d and is %d: somebody else writes it", u.from, version)
	}
	if version == len(u.scripts) {
		return nil
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for v := version; v < len(u.scripts); v++ {
		if err := step(ctx, tx, v+1, u.scripts[v]); err != nil {
			return fmt.Errorf("schema %d: %w", v+1, err)
		}
	}
	const note = "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2"
	if _, err := tx.ExecContext(ctx, note, programKey, u.program); err != nil {
		return err
	}
	return tx.Commit()
}

// step runs one migration and notes its version.
func step(ctx context.Context, tx *sql.Tx, version int, script string) error {
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}

// schemaVersion is 0 for an empty database. A database without a version
// that has tables is somebody else's.
func schemaVersion(ctx context.Context, conn *sql.Conn) (int, error) {
	var version, objects, ours int
	err := conn.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema),
		(SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('feeds', 'progress', 'events', 'settings'))`).Scan(&version, &objects, &ours)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	if version < 0 || version == 0 && objects > 0 || version > 0 && ours < 4 {
		return 0, errForeign
	}
	return version, nil
}

// tooNew says which program is needed, or which copy.
func tooNew(path string, schema, known int, program string) error {
	hint := "Install the newer version of Bellwire that wrote it"
	if program != "" && !strings.HasPrefix(program, "dev") {
		hint = "Install Bellwire " + program + " or newer"
	}
	if backup := newestFor(path, known); backup != "" {
		hint += fmt.Sprintf("; or go back to what was before the upgrade: bellwire restore %q", backup)
	}
	return &Refusal{
		Kind: RefusedNewer,
		err:  fmt.Errorf("%w: its schema is %d, this program knows %d", ErrTooNew, schema, known),
		hint: hint,
	}
}

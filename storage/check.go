package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"unicode"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Report is what [Check] has found.
type Report struct {
	Path    string   // of the database, absolute
	Schema  int      // of the database; 0: it is empty
	Newest  int      // schema that this program knows
	Program string   // the version of Bellwire that made the schema; empty: not known
	Size    int64    // bytes on the disk, with the write-ahead log
	Feeds   int64    // that are not removed
	Events  int64    // rows of history
	Damage  []string // what is wrong with the file, at most maxDamage lines; empty: nothing
	Backups []Backup // beside it, the newest first
}

// TooNew reports whether a newer program wrote the database.
func (r Report) TooNew() bool { return r.Schema > r.Newest }

// maxDamage bounds how many faults of a file are told.
const maxDamage = 10

// Check looks at the database at path without changing it, also while a
// daemon uses it: every page and every index is read, which takes some
// ten seconds for a million rows, and is done again where a daemon starts
// meanwhile. The error wraps [fs.ErrNotExist] where there is no database; a
// damaged one is no error but a Report with Damage. Of a database that a newer
// program wrote only the file is judged.
func Check(ctx context.Context, path string) (Report, error) {
	path, err := locate(path)
	if err != nil {
		return Report{}, fmt.Errorf("checking the database: %w", err)
	}
	r := Report{Path: path, Newest: Schema()}
	r.Backups, _ = Backups(path) // none, where the folder cannot be read
	if r.Size, err = sizeOf(path); err == nil {
		err = r.look(ctx)
	}
	if err != nil {
		return r, fmt.Errorf("checking the database %q: %w", path, err)
	}
	return r, nil
}

// look fills in what is in the database.
func (r *Report) look(ctx context.Context) error {
	err := r.read(ctx)
	if damaged(err) {
		r.Damage = append(r.Damage, err.Error())
		return nil
	}
	return err
}

func (r *Report) read(ctx context.Context) error {
	return steady(ctx, r.Path, func() error { return r.readOnce(ctx) })
}

func (r *Report) readOnce(ctx context.Context) error {
	conn, end, err := connectQuietly(ctx, r.Path)
	if err != nil {
		return err
	}
	defer end()
	if r.Schema, err = schemaVersion(ctx, conn); err != nil {
		return err
	}
	r.Program = writtenBy(ctx, conn)
	if r.Damage, err = integrity(ctx, conn); err != nil || r.Schema == 0 || r.TooNew() {
		return err
	}
	return conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM feeds WHERE id IS NOT NULL AND num > 0),
		(SELECT count(*) FROM events)`).Scan(&r.Feeds, &r.Events)
}

// integrity is what SQLite finds wrong; nil: nothing. It is of one moment, as
// every statement is. conn must not have searched before: FTS5 keeps the list
// of its segments (fts5StructureRead) for a connection, and compares it with
// the database's version only where it opens a cursor or a transaction
// (fts5NewTransaction, sqlite3Fts5IndexReset), which its integrity check
// (fts5IntegrityMethod) does not. After a commit of another connection it looks
// for segments that were merged into others, and tells "corruption found
// reading blob", until conn searches again.
func integrity(ctx context.Context, conn *sql.Conn) (faults []string, err error) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", maxDamage))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			faults = append(faults, line)
		}
	}
	return faults, rows.Err()
}

// programKey is the setting that names the version of Bellwire that made the
// schema.
const programKey = "program"

// maxProgram bounds the name of a version, in bytes.
const maxProgram = 40

// writtenBy is the version of Bellwire that made the schema; empty where
// nobody has said so.
func writtenBy(ctx context.Context, conn *sql.Conn) string {
	var version string
	if err := conn.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = ?", programKey).Scan(&version); err != nil {
		return ""
	}
	if len(version) > maxProgram || strings.ContainsFunc(version, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return version
}

// Inspect returns why [Open] would refuse the database at path, as a
// [Refusal]; nil where it would not, or where there is none. It takes a moment,
// and changes nothing.
func Inspect(ctx context.Context, path string) error {
	path, err := locate(path)
	if err != nil {
		return err
	}
	err = refused(path, newUpgrade(path, Options{}).look(ctx))
	if _, ok := errors.AsType[*Refusal](err); ok {
		return fmt.Errorf("opening the database %q: %w", path, err)
	}
	return nil
}

// openQuietly opens a database that is to be read only: nothing is written to
// it, nor to its log. One without a log nobody else has open, and no log is
// made for it.
func openQuietly(path string) (*sql.DB, error) {
	if err := notEmptied(path); err != nil {
		return nil, err
	}
	q := url.Values{
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(5000)", "temp_store(memory)", "mmap_size(0)"},
		"_dqs":    {"0"},
	}
	if logSize(path) == 0 {
		q.Set("immutable", "1")
	}
	db, err := sql.Open("sqlite", dsn(path, q))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// connectQuietly is one connection of openQuietly's, until end is called.
func connectQuietly(ctx context.Context, path string) (conn *sql.Conn, end func(), err error) {
	db, err := openQuietly(path)
	if err != nil {
		return nil, nil, err
	}
	if conn, err = db.Conn(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return conn, func() { conn.Close(); db.Close() }, nil // nothing was written
}

// openPlainly opens a database of any schema to write its log back.
func openPlainly(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, url.Values{
		"mode":    {"rw"},
		"_pragma": {"busy_timeout(5000)", "synchronous(full)"},
		"_dqs":    {"0"},
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// notEmptied refuses an empty file that was a database: beside a log, which
// SQLite would throw away as that of another, or beside backups.
func notEmptied(path string) error {
	info, err := os.Stat(path)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if there && info.Size() > 0 {
		return nil
	}
	if logSize(path) > 0 {
		return fmt.Errorf("%w, but its log is not", errEmptied)
	}
	if there && newestFor(path, Schema()) != "" {
		return fmt.Errorf("%w, and was not", errEmptied)
	}
	return nil
}

var (
	// errDamaged is a file that is not what was written.
	errDamaged = errors.New("the database is damaged")
	// errEmptied is one without anything in it.
	errEmptied = fmt.Errorf("%w: it is empty", errDamaged)
)

// damaged reports whether err is of a file that is not a sound database.
func damaged(err error) bool {
	if errors.Is(err, errDamaged) {
		return true
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}

// notDatabase reports whether err is of a file without the beginning of a
// database.
func notDatabase(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return errors.Is(err, errEmptied) || ok && e.Code()&0xff == sqlite3.SQLITE_NOTADB
}

// sizeOf is what a database takes on the disk, with its log, in bytes.
func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size() + logSize(path), nil
}

// logSize is that of a database's write-ahead log, in bytes; 0 where there is
// none.
func logSize(path string) int64 {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

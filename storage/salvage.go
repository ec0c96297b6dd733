package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// salvaged are the tables that hold what cannot be made anew, and how their
// rows are ordered. The search index and the counters of rows follow from them.
var salvaged = []struct{ table, order string }{
	{"feeds", "rowid"},
	{"progress", "rowid"},
	{"events", "rowid"},
	{"settings", "key"},
	{"summaries", "rowid"},
	{"delivery", "seq, num"},
	{"forwards", "feed, name"},
	{"deleted", "feed, seq"},
	{"activity", "feed, hour"},
}

// Salvage writes what can still be read of the damaged database at from, which
// stays as it is, to the new file to: a sound database of the same schema. The
// first pages of from have to be readable, for they say what it is. The error
// wraps [fs.ErrExist] where there is a file at to.
func Salvage(ctx context.Context, from, to string) (Copied, error) {
	c, err := salvage(ctx, from, to)
	if err != nil {
		return Copied{}, fmt.Errorf("saving what can be read of %q: %w", from, failure(err))
	}
	return c, nil
}

func salvage(ctx context.Context, from, to string) (c Copied, err error) {
	if from, to, err = newCopy(from, to); err != nil {
		return c, err
	}
	if _, err := os.Lstat(to); err == nil { // before the work
		return c, fs.ErrExist
	}
	if _, err := os.Stat(from); err != nil {
		return c, err
	}
	old, end, err := connectQuietly(ctx, from)
	if err != nil {
		return c, err
	}
	defer end()
	version, err := schemaVersion(ctx, old)
	switch {
	case err != nil:
		return c, err
	case version > Schema():
		return c, tooNew(from, version, Schema(), writtenBy(ctx, old))
	case version == 0:
		return c, errors.New("there is nothing in it")
	}
	sweep(filepath.Dir(to), filepath.Base(to)+temporary, stale)
	f, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+temporary) // mode 0600
	if err != nil {
		return c, err
	}
	tmp := f.Name()
	err = f.Close()
	if err == nil {
		err = salvageInto(ctx, old, tmp, version)
	}
	if err == nil {
		c, err = holds(ctx, tmp, from)
	}
	if err == nil {
		err = errors.Join(syncFile(tmp), place(tmp, to, false))
	}
	if err != nil {
		return c, errors.Join(err, removeDatabase(tmp))
	}
	return c, nil
}

// salvageInto fills the empty file tmp.
func salvageInto(ctx context.Context, old *sql.Conn, tmp string, version int) error {
	db, err := openPlainly(tmp)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "PRAGMA auto_vacuum = incremental"); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for v, script := range schemas()[:version] {
		if err := step(ctx, tx, v+1, script); err != nil {
			return err
		}
	}
	for _, s := range salvaged {
		if err := salvageTable(ctx, old, tx, s.table, s.order); err != nil {
			return fmt.Errorf("%s: %w", s.table, err)
		}
	}
	if err := salvageOrder(ctx, tx, version); err != nil {
		return err
	}
	return errors.Join(tx.Commit(), db.Close())
}

// salvageTable copies rows from the first one on and, where some cannot be
// read, from the last one back.
func salvageTable(ctx context.Context, old *sql.Conn, to *sql.Tx, table, order string) error {
	var columns []string
	rows, err := to.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		columns = append(columns, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(columns) == 0 { // not in this schema
		return err
	}
	names := strings.Join(columns, ", ")
	insert, err := to.PrepareContext(ctx, "INSERT OR REPLACE INTO "+table+" ("+names+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, backwards := range []bool{false, true} {
		query := "SELECT " + names + " FROM " + table + " NOT INDEXED"
		var whole bool
		if order == "rowid" {
			whole, err = salvageByNumber(ctx, old, insert, strings.Replace(query, "SELECT ", "SELECT rowid, ", 1), backwards)
		} else {
			way := ""
			if backwards {
				way = strings.ReplaceAll(order, ",", " DESC,") + " DESC"
			}
			if way == "" {
				way = order
			}
			_, whole, err = salvageRows(ctx, old, insert, query+" ORDER BY "+way, false)
		}
		if whole || err != nil {
			return err
		}
	}
	return nil
}

// salvageByNumber goes over what cannot be read in steps that double.
func salvageByNumber(ctx context.Context, old *sql.Conn, insert *sql.Stmt, query string, backwards bool) (whole bool, err error) {
	where, at, sign := " WHERE rowid >= ? ORDER BY rowid", int64(0), int64(1)
	if backwards {
		where, at, sign = " WHERE rowid <= ? ORDER BY rowid DESC", math.MaxInt64, -1
	}
	whole = true
	for leap := int64(1); ; leap *= 2 {
		last, end, err := salvageRows(ctx, old, insert, query+where, true, at)
		if err != nil || end {
			return whole && end, err
		}
		whole = false
		if last != nil {
			at, leap = *last, 1
		}
		if backwards && at == math.MaxInt64 || leap > math.MaxInt64/4 || at > math.MaxInt64/4 && !backwards || backwards && at < leap {
			return false, nil
		}
		at += sign * leap
	}
}

// salvageRows copies rows until one cannot be read; end: all could be. The
// first column is the number of the row where numbered, and last that of the
// last one.
func salvageRows(ctx context.Context, old *sql.Conn, insert *sql.Stmt, query string, numbered bool, args ...any) (last *int64, end bool, err error) {
	rows, err := old.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, ctx.Err()
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, false, err
	}
	values, to := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		if rows.Scan(to...) != nil {
			return last, false, ctx.Err()
		}
		row := slices.Clone(values)
		if numbered {
			n, _ := row[0].(int64) // a rowid is nothing else
			last, row = &n, row[1:]
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil && !rowRefused(err) {
			return last, false, err
		}
	}
	return last, rows.Err() == nil, ctx.Err()
}

// rowRefused reports whether err is of a row that the schema refuses: it was
// not written so, and is part of the damage. Anything else, such as a full
// disk, is of the new file.
func rowRefused(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return true
	}
	return false
}

// salvageOrder drops what belongs to nothing any more, and counts anew.
func salvageOrder(ctx context.Context, tx *sql.Tx, version int) error {
	script := `DELETE FROM progress WHERE feed NOT IN (SELECT num FROM feeds);
		DELETE FROM events WHERE feed NOT IN (SELECT num FROM feeds);
		INSERT OR IGNORE INTO progress (feed) SELECT num FROM feeds WHERE id IS NOT NULL;
		UPDATE progress SET events = (SELECT count(*) FROM events e WHERE e.feed = progress.feed),
			unread = (SELECT count(*) FROM events e WHERE e.feed = progress.feed AND read = 0),
			owed = (SELECT count(*) FROM events e WHERE e.feed = progress.feed AND e.owed <> 0),
			last_seq = max(last_seq, (SELECT coalesce(max(seq), 0) FROM events e WHERE e.feed = progress.feed));
		INSERT INTO sqlite_sequence (name, seq) SELECT 'events', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'events');
		UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(last_seq), 0) FROM progress)) WHERE name = 'events';`
	if version >= 5 {
		script += `DELETE FROM delivery WHERE seq NOT IN (SELECT seq FROM events);
			DELETE FROM forwards WHERE feed NOT IN (SELECT num FROM feeds);`
	}
	if version >= 7 {
		script += `DELETE FROM deleted WHERE EXISTS (SELECT 1 FROM events e WHERE e.feed = deleted.feed AND e.dedupe_key = deleted.dedupe_key);`
	}
	_, err := tx.ExecContext(ctx, script)
	return err
}

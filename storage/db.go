package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// Sizes that keep the daemon small: page caches in KiB, and connections that
// read. To open one takes longer than most that is read, so that all stay until
// [DB.Rest].
const (
	writerCache = 2048
	// stormCache is the writer's in a storm and until the search index has
	// followed: keys of dedupe are digests, so that a transaction of a thousand
	// events changes nearly as many pages, which had to be written before its
	// end and read again.
	stormCache  = 8192
	readerCache = 512
	maxReaders  = 4
	// checkpointPages is how long the write-ahead log becomes before it is
	// written back, 16 MB: in a storm each transaction changes many of the same
	// pages of the keys' index, so that four times as many pages are less than
	// half the work and a quarter of the waiting for the disk. A process that was
	// killed reads it at its next start, which takes some 20 ms.
	checkpointPages = 4000
)

// Options of [Open]. The zero value is fine.
type Options struct {
	// Logger hears about trouble of the work done in the background;
	// nil discards it.
	Logger *slog.Logger
	// Program is the version of this program. Where it upgrades the database
	// it is noted there, so that an older one can name it.
	Program string
}

// A DB is one open database. It is safe for concurrent use.
type DB struct {
	log     *slog.Logger
	readers *sql.DB
	reads   reads
	writer  *writer
	indexer *indexer
	purger  *purger
	keeper  *keeper

	changes changes
	close   func() error
}

// Open opens the database at path, creating it and its folder (for the owner
// only) where they do not exist. One of an older schema is upgraded, after a
// backup was made beside it (see [Backups]). ctx bounds the opening alone. The
// error wraps [ErrTooNew] where a newer program wrote the file, and a
// [Refusal] where there is something for a person to do; then nothing has been
// changed.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	path, err := locate(path)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db, err := open(ctx, path, o, newUpgrade(path, o))
	if err == nil {
		return db, nil
	}
	err = refused(path, err)
	if _, ok := errors.AsType[*Refusal](err); !ok {
		err = failure(err)
	}
	return nil, fmt.Errorf("opening the database %q: %w", path, err)
}

func open(ctx context.Context, path string, o Options, u *upgrade) (_ *DB, err error) {
	if err := u.prepare(ctx); err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, err
	}
	writes, err := sql.Open("sqlite", writerDSN(path))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			writes.Close()
		}
	}()
	conn, err := writes.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			conn.Close() // or writes would leave it open
		}
	}()
	if err := u.run(ctx, conn); err != nil {
		return nil, err
	}
	// Nobody is about to go on with one that a crash, or a deletion, has left
	// without rows.
	if _, err := conn.ExecContext(ctx, "DELETE FROM summaries WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE summary = summaries.num)"); err != nil {
		return nil, err
	}
	readers, err := sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return nil, err
	}
	readers.SetMaxOpenConns(maxReaders)
	readers.SetMaxIdleConns(maxReaders)

	db := &DB{log: o.Logger, readers: readers}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	db.purger = newPurger(db)
	db.keeper = newKeeper(db)
	if db.reads, err = prepareReads(ctx, readers); err == nil {
		db.indexer, err = newIndexer(ctx, db, conn)
	}
	if err == nil {
		db.writer, err = newWriter(ctx, conn, db.committed)
	}
	if err != nil {
		return nil, errors.Join(err, readers.Close())
	}
	db.start(writes)
	return db, nil
}

// start runs the goroutines that db owns.
func (db *DB) start(writes *sql.DB) {
	background, stop := context.WithCancel(context.Background())
	var followers, written sync.WaitGroup
	followers.Go(func() { db.indexer.run(background) })
	followers.Go(func() { db.purger.run(background) })
	followers.Go(func() { db.keeper.run(background) })
	written.Go(db.writer.run)
	db.close = sync.OnceValue(func() error {
		stop()
		followers.Wait()
		close(db.writer.closing)
		written.Wait()
		// The last connection to go writes the log back into the database.
		return errors.Join(db.readers.Close(), db.writer.close(), writes.Close())
	})
}

// Rest closes what is only worth its memory while there is something to do: all
// connections that read and are idle, but one.
func (db *DB) Rest() {
	db.readers.SetMaxIdleConns(1)
	db.readers.SetMaxIdleConns(maxReaders)
}

// Close waits for writes under way, folds the write-ahead log into the
// database and closes it. Calls that come later fail with [ErrClosed].
func (db *DB) Close() error {
	if err := db.close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// committed is called by the writer after each commit.
func (db *DB) committed(t *tx) {
	if t.lastSeq > 0 {
		db.indexer.follow(t.lastSeq, t.inserted) // first: who is told looks whether there are new rows
	}
	if t.changed {
		db.changes.announce()
	}
	if t.inserted > 0 || t.deleted != nil || t.redefined {
		db.keeper.follow(t)
	}
}

// update runs apply in a transaction of the writer, together with whatever
// else waits.
func (db *DB) update(ctx context.Context, apply func(*tx) error) error {
	return db.writer.do(ctx, db.writer.requests, apply)
}

// private makes path a file that only its owner can read, before anything is
// written to it. SQLite gives its other files the same mode.
func private(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		// Opening and closing it here could drop locks that this process
		// holds (fcntl locks belong to the process).
		return os.Chmod(path, 0o600)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// writerDSN opens the one connection that writes.
//
// synchronous=FULL is one fsync a commit: about half the rate of single events
// that NORMAL has, and much less of a loss where requests share commits. With
// NORMAL a power cut could take back events that a person has seen already,
// and that a server without replay will not send again.
func writerDSN(path string) string {
	return dsn(path, url.Values{
		"_pragma": {
			"busy_timeout(5000)",
			"auto_vacuum(incremental)", // before the first table
			"journal_mode(wal)",
			"synchronous(full)",
			"foreign_keys(1)",
			"secure_delete(fast)", // credentials of a removed feed
			"temp_store(memory)",
			"mmap_size(0)",
			fmt.Sprintf("cache_size(-%d)", writerCache),
			"journal_size_limit(8388608)",
			fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
		},
		"_dqs": {"0"},
	})
}

// readerDSN opens connections that cannot write.
func readerDSN(path string) string {
	return dsn(path, url.Values{
		"mode": {"ro"},
		"_pragma": {
			"busy_timeout(5000)",
			"query_only(1)",
			"temp_store(memory)",
			"mmap_size(0)",
			fmt.Sprintf("cache_size(-%d)", readerCache),
		},
		"_dqs": {"0"},
	})
}

// dsn is the file URI of path (https://sqlite.org/uri.html).
func dsn(path string, q url.Values) string {
	path = filepath.ToSlash(path)
	if path[0] != '/' {
		path = "/" + path // a drive letter
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}
	return u.String()
}

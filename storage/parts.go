package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
)

const (
	// partBits: a part of the search index has 1<<partBits rows. Few enough
	// that a look at the most common word there is takes some 10 ms, so many
	// that a rare word is found in the parts of a million rows at once.
	partBits = 16
	// blockBits: the times of 1<<blockBits rows are kept together.
	blockBits = 10
)

// partTable is the name of a part's table.
func partTable(part int64) string { return "search_part_" + strconv.FormatInt(part, 10) }

// createPart is the schema of a part: the text of rows, and their facets. It
// holds no copy of them. Deleting rows must not set off merges of the index
// in the middle of other transactions: the purger does that itself, in small
// steps.
const createPart = `CREATE VIRTUAL TABLE %[1]s USING fts5 (text, facets, content = '', contentless_delete = 1,
		tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
	INSERT INTO %[1]s (%[1]s, rank) VALUES ('deletemerge', 0);
	INSERT INTO search_parts VALUES (%[2]d);`

// addPart makes a part's table unless there is one.
func (t *tx) addPart(part int64) error {
	var there bool
	if err := t.partThere.QueryRow(part).Scan(&there); err != nil || there {
		return err
	}
	t.writes++
	_, err := t.conn.ExecContext(context.Background(), fmt.Sprintf(createPart, partTable(part), part))
	return err
}

// indexAll adds rows to the index, in order of Seq, but for those that were
// deleted meanwhile.
func (t *tx) indexAll(docs []document) error {
	var insert *sql.Stmt
	part := int64(-1)
	for _, d := range docs {
		var exists bool
		if err := t.exists.QueryRow(d.seq).Scan(&exists); err != nil {
			return err
		}
		if !exists {
			continue
		}
		if p := d.seq >> partBits; p != part {
			if err := t.addPart(p); err != nil {
				return err
			}
			// No SELECT in it: that would make FTS5 write out a segment a row.
			st, err := t.conn.PrepareContext(context.Background(), "INSERT INTO "+partTable(p)+" (rowid, text, facets) VALUES (?, ?, ?)")
			if err != nil {
				return err
			}
			defer st.Close() // of two parts at the most
			insert, part = st, p
		}
		if _, err := t.exec(insert, d.seq, d.text, d.facets); err != nil {
			return err
		}
	}
	if len(docs) == 0 {
		return nil
	}
	_, err := t.exec(t.noteTimes, docs[0].seq, docs[len(docs)-1].seq)
	return err
}

// unindex takes rows out of the search index.
func (t *tx) unindex(seqs []int64) error {
	parts := map[int64][]int64{}
	for _, seq := range seqs {
		parts[seq>>partBits] = append(parts[seq>>partBits], seq)
	}
	for part, rows := range parts {
		var there bool
		if err := t.partThere.QueryRow(part).Scan(&there); err != nil {
			return err
		}
		if there {
			if err := t.run("DELETE FROM "+partTable(part)+" WHERE rowid IN (SELECT value FROM json_each(?))", list(rows)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropParts drops the tables of parts that no row is left of and no new one
// will come to, and the times of their rows.
func (t *tx) dropParts() error {
	parts, err := integersOf(t.emptyParts.Query())
	if err != nil {
		return err
	}
	for _, part := range parts {
		err := t.run(fmt.Sprintf(`DROP TABLE %s; DELETE FROM search_parts WHERE num = %d; DELETE FROM search_times WHERE block >> %d = %[2]d`,
			partTable(part), part, partBits-blockBits))
		if err != nil {
			return err
		}
	}
	return nil
}

// run executes statements that are made as they are needed.
func (t *tx) run(query string, args ...any) error {
	t.writes++
	_, err := t.conn.ExecContext(context.Background(), query, args...)
	return err
}

// parts are the parts there are.
func (db *DB) parts(ctx context.Context) (map[int64]bool, error) {
	nums, err := db.integers(ctx, "SELECT num FROM search_parts")
	if err != nil {
		return nil, err
	}
	parts := make(map[int64]bool, len(nums))
	for _, n := range nums {
		parts[n] = true
	}
	return parts, nil
}

// dropOld removes some of the index of before there were parts, and then
// gives its space back to the file system.
func (db *DB) dropOld(ctx context.Context) (left bool, err error) {
	err = db.writer.do(ctx, db.writer.background, func(t *tx) (err error) {
		left, err = t.dropOldSome()
		return err
	})
	if err != nil || left {
		return true, err
	}
	return false, db.shrink(ctx)
}

// dropOldSome deletes rows of the old index's own tables before it drops it:
// dropped at once it would hold up the events of a second or more.
func (t *tx) dropOldSome() (left bool, err error) {
	const some = 400
	for _, table := range []string{"search_old_data", "search_old_docsize"} {
		t.writes++
		res, err := t.conn.ExecContext(context.Background(), fmt.Sprintf("DELETE FROM %s WHERE id IN (SELECT id FROM %[1]s LIMIT %d)", table, some))
		if err != nil {
			return true, err
		}
		if n, err := res.RowsAffected(); err != nil || n == some {
			return true, err
		}
	}
	return false, t.run("DROP TABLE search_old")
}

// list is integers as one parameter, for json_each.
func list(seqs []int64) string {
	b, _ := json.Marshal(seqs) // integers: cannot fail
	return string(b)
}

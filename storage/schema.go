package storage

import "io/fs"

// Schema is the number of the newest schema that this program knows: what
// [Open] makes of every database, and the newest that it opens.
func Schema() int {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	return len(names)
}

package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bellwire/storage"
	"bellwire/subscriptions"
)

func lookDatabase(ctx context.Context, o *Options) []Finding {
	if _, err := os.Stat(o.Database); errors.Is(err, fs.ErrNotExist) {
		return []Finding{good("none yet; it is made when Bellwire starts")}
	}
	// What is left of the time is for saying that it was not enough.
	most := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		most, cancel = context.WithDeadline(ctx, end.Add(-Limit/10))
		defer cancel()
	}
	r, err := storage.Check(most, o.Database)
	switch {
	case err == nil:
		return []Finding{o.databaseFinding(r)}
	case most.Err() != nil:
		return []Finding{warning("To look at all of it (Debian: sudo apt install sqlite3): sqlite3 -readonly "+quoted(o.Database)+" 'PRAGMA integrity_check'",
			"%s is too large to be looked at in %s; nothing wrong was found in that time", o.Database, Limit)}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{failure("sudo chown \"$(id -un)\": "+quoted(o.Database)+"; chmod 600 "+quoted(o.Database), "%s cannot be read: %v", o.Database, reason(err))}
	}
	return []Finding{failure("Look at its folder and its disk, above; then look again: "+o.Program+" doctor", "%v", subscriptions.Terse(err))}
}

func (o *Options) databaseFinding(r storage.Report) Finding {
	switch {
	case r.TooNew():
		return failure("Install the newer version of Bellwire again",
			"%s was written by a newer Bellwire: its schema is %d, and this program knows %d", o.Database, r.Schema, r.Newest)
	case len(r.Damage) > 0:
		return failure(o.rescue(r), "%s is damaged: %s", o.Database, r.Damage[0])
	case r.Schema < r.Newest:
		return good("%s is whole: %s, %s; it is upgraded when Bellwire starts", o.Database, many(int(r.Events), "event"), size(uint64(max(0, r.Size))))
	}
	return good("%s is whole: %s, %s", o.Database, many(int(r.Events), "event"), size(uint64(max(0, r.Size))))
}

// rescue is what to do about a database that is damaged.
func (o *Options) rescue(r storage.Report) string {
	i := slices.IndexFunc(r.Backups, func(b storage.Backup) bool { return !b.Replaced && b.Schema <= r.Newest })
	if i >= 0 {
		return o.quit() + o.Program + " restore " + quoted(r.Backups[i].Path) + "; " + o.Program
	}
	aside := quoted(filepath.Join(o.Data, "damaged"))
	return "Restore a backup, if you have made one: " + o.quit() + o.Program + " restore FILE. Else begin anew, keeping what is damaged: " +
		o.quit() + "mkdir -p " + aside + "; mv " + quoted(o.Database) + "* " + aside + "/; " + o.Program
}

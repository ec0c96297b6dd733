package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
		return []Finding{warning("To look at all of it (Debian: sudo apt install sqlite3):"+run+"sqlite3 -readonly "+quoted(o.Database)+" 'PRAGMA integrity_check'",
			"%s is too large to be looked at in %s; nothing wrong was found in that time", o.Database, Limit)}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{failure(cmp.Or(o.see(o.Database), "Make it yours:"+run+"sudo chown \"$(id -un)\": "+quoted(o.Database)+"; chmod 600 "+quoted(o.Database)), "%s cannot be read: %v", o.Database, reason(err))}
	}
	return []Finding{failure("Look at its folder and its disk, above; then look again:"+run+o.Program+" doctor", "%v", subscriptions.Terse(err))}
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
	restore := o.Program + " restore "
	var ways []string
	if !r.Lost {
		saved := quoted(unused(o.Data, "saved"))
		ways = append(ways, "Save what can be read, which is often nearly all, and go on with that:"+
			run+o.quit()+o.Program+" salvage "+quoted(o.Database)+" "+saved+" && "+restore+saved+" && "+o.start())
	}
	i := slices.IndexFunc(r.Backups, func(b storage.Backup) bool { return !b.Replaced && b.Schema <= r.Newest })
	if i >= 0 {
		ways = append(ways, "Go back to the backup of "+moment(r.Backups[i].Made)+"; what came since is not in it:"+
			run+o.quit()+restore+quoted(r.Backups[i].Path)+" && "+o.start())
	} else {
		ways = append(ways, "Go back to a backup, FILE, if you have made one:"+run+o.quit()+restore+"FILE && "+o.start())
	}
	if i < 0 {
		aside := quoted(unused(o.Data, "damaged"))
		ways = append(ways, "Begin anew, without feeds and history, keeping what is damaged:"+
			run+o.quit()+"mkdir "+aside+" && mv "+quoted(o.Database)+"* "+aside+" && "+o.start())
	}
	return strings.Join(ways, "\nor: ")
}

// unused is a name in a folder that nothing has: "saved", or "saved-2".
func unused(dir, name string) string {
	path := filepath.Join(dir, name)
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(path); err != nil {
			break
		}
		path = filepath.Join(dir, fmt.Sprint(name, "-", n))
	}
	return path
}

// lookBackups lists what could be gone back to. None is no fault: there has
// been no upgrade yet.
func lookBackups(_ context.Context, o *Options) []Finding {
	all, err := storage.Backups(o.Database)
	if err != nil {
		return []Finding{warning(cmp.Or(o.see(o.Database), "Make the folder yours to read:"+run+"chmod u+rwx "+quoted(filepath.Join(o.Data, "backups"))), "they cannot be listed: %v", reason(err))}
	}
	replaced := 0
	for _, b := range all {
		if b.Replaced {
			replaced++
		}
	}
	aside := ""
	if replaced > 0 {
		aside = "; and " + many(replaced, "database") + " that restoring has set aside"
	}
	i := slices.IndexFunc(all, func(b storage.Backup) bool { return !b.Replaced })
	if i < 0 {
		return []Finding{good("none, as there was no upgrade yet; %s backup FILE makes one%s", o.Program, aside)}
	}
	return []Finding{good("%s, the newest of %s (%s ago): %s%s", many(len(all)-replaced, "backup"), moment(all[i].Made), span(o.Now.Sub(all[i].Made)), all[i].Path, aside)}
}

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
		return []Finding{warning(here().integrity(Word(o.Database)),
			"%s is too large to be looked at in %s; nothing wrong was found in that time", o.Database, Limit)}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{failure(cmp.Or(o.see(o.Database), here().mayRead(Word(o.Database))), "%s cannot be read: %v", o.Database, reason(err))}
	}
	return []Finding{failure("Look at its folder and its disk, above; then look again:"+run+o.Program+" doctor", "%v", subscriptions.Terse(err))}
}

func (o *Options) databaseFinding(r storage.Report) Finding {
	switch {
	case r.TooNew():
		return failure("Install the newer version of Bellwire again",
			"%s was written by a newer Bellwire: its schema is %d, and this program knows %d", o.Database, r.Schema, r.Newest)
	case len(r.Damage) > 0:
		return failure(o.rescue(r), "%s is damaged: %s", o.Database, damageWords(r))
	case r.Schema < r.Newest:
		return good("%s is whole: %s, %s; it is upgraded when Bellwire starts", o.Database, many(int(r.Events), "event"), size(uint64(max(0, r.Size))))
	}
	return good("%s is whole: %s, %s", o.Database, many(int(r.Events), "event"), size(uint64(max(0, r.Size))))
}

// damageWords are the first of what is wrong, without what SQLite puts around
// it.
func damageWords(r storage.Report) string {
	first := strings.TrimSpace(strings.TrimPrefix(r.Damage[0], "*** in database main ***"))
	first, more, _ := strings.Cut(first, "\n")
	if more != "" || len(r.Damage) > 1 {
		first += "; and more"
	}
	return first
}

// rescue is what to do about a database that is damaged. Of one whose schema
// cannot be read nothing can be saved.
func (o *Options) rescue(r storage.Report) string {
	var ways []string
	if r.Schema > 0 {
		saved := Word(unused(o.Data, "saved", ".db"))
		ways = append(ways, "save what can be read, which is often nearly all, and go on with that:"+
			run+o.quit()+o.Program+" salvage "+Word(o.Database)+" "+saved+" && "+o.restore(saved))
	}
	i := slices.IndexFunc(r.Backups, func(b storage.Backup) bool { return !b.Replaced && b.Schema <= r.Newest })
	if i >= 0 {
		ways = append(ways, "go back to the backup of "+moment(r.Backups[i].Made)+"; what came since is not in it:"+
			run+o.quit()+o.restore(Word(r.Backups[i].Path)))
	} else {
		aside := Word(unused(o.Data, "damaged", ""))
		ways = append(ways, "go back to a backup, FILE, if you have made one:"+run+o.quit()+o.restore("FILE"),
			"begin anew, without feeds and history, keeping what is damaged:"+
				run+o.quit()+here().aside(Word(o.Database), aside)+" && "+o.start())
	}
	do := strings.Join(ways, "\nor ")
	return strings.ToUpper(do[:1]) + do[1:]
}

// restore is how Bellwire is started with another database.
func (o *Options) restore(file string) string {
	return o.Program + " restore " + file + " && " + o.start()
}

// unused is a name in a folder that nothing has: "saved.db", or "saved-2.db".
func unused(dir, name, suffix string) string {
	path := filepath.Join(dir, name+suffix)
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(path); err != nil {
			break
		}
		path = filepath.Join(dir, fmt.Sprint(name, "-", n, suffix))
	}
	return path
}

// lookBackups lists what could be gone back to. None is no fault: there has
// been no upgrade yet.
func lookBackups(_ context.Context, o *Options) []Finding {
	all, err := storage.Backups(o.Database)
	if err != nil {
		return []Finding{warning(cmp.Or(o.see(o.Database), "Make the folder yours to read:"+run+"chmod u+rwx "+Word(filepath.Join(o.Data, "backups"))), "they cannot be listed: %v", reason(err))}
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
		return []Finding{good("none that Bellwire has made by itself; %s backup FILE makes one%s", o.Program, aside)}
	}
	return []Finding{good("%s, the newest of %s (%s ago): %s%s", many(len(all)-replaced, "backup"), moment(all[i].Made), span(o.Now.Sub(all[i].Made)), all[i].Path, aside)}
}

package words

import "strings"

// Imported tells what became of the feeds of a file.
func Imported(added, there, failed int) string {
	told := []string{Count("move.added", int64(added))}
	if there > 0 {
		told = append(told, Count("move.there", int64(there)))
	}
	if failed > 0 {
		told = append(told, Count("move.failed", int64(failed)))
	}
	return strings.Join(told, Separator)
}

// FileExists says that a file is there already, and what to do.
func FileExists() (text, hint string) { return Say("move.exists"), Say("move.exists.hint") }

// BackupRefused tells why a backup was not made, and what to do; why is
// "denied", "folder", "nothing" or "room".
func BackupRefused(why string) (text, hint string) {
	return Say("backup." + why), Say("backup." + why + ".hint") //words:backup.denied //words:backup.denied.hint //words:backup.folder //words:backup.folder.hint //words:backup.nothing //words:backup.nothing.hint //words:backup.room //words:backup.room.hint
}

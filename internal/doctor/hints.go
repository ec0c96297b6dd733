package doctor

import (
	"runtime"
	"strings"
)

// hints are what to do, in the words and commands of a system. A path in them
// is a word of its shell already.
type hints struct {
	// word is a path, or another argument, as a word of a command line.
	word func(string) string
	// readLog and endOfLog are commands, followed by the log.
	readLog, endOfLog string
	// starter is what starts programs without a desktop.
	starter string
	// clock sets the clock, for good.
	clock string
	// mayRead and mayLog are for the database and the log that are not
	// permitted, mayWrite for a folder, a person's own or not.
	mayRead, mayLog func(path string) string
	mayWrite        func(path string, mine bool) string
	// writable is for a disk that nothing can be written to; another is the
	// command that uses another folder.
	writable func(disk, another string) string
	// copied and renamed are commands, followed by what there is and its new
	// place.
	copied, renamed string
	// space is a command that tells what takes a disk's space.
	space func(disk string) string
	// aside is a command that puts a file, and those that begin like it, into a
	// folder to be made.
	aside func(file, folder string) string
	// integrity looks at all of a database.
	integrity func(database string) string
}

// here are those of the system that this is.
func here() hints {
	switch runtime.GOOS {
	case "windows":
		return ofWindows
	case "darwin":
		h := ofUnix
		h.starter = "a LaunchAgent"
		h.clock = "Set it in the System Settings, General, Date & Time"
		return h
	}
	return ofUnix
}

var ofUnix = hints{
	word:     unixWord,
	readLog:  "less +G ",
	endOfLog: "tail ",
	starter:  "a systemd user unit",
	clock: "Have it set by the network (Debian: sudo apt install systemd-timesyncd):" + run + "sudo timedatectl set-ntp true\n" +
		"or set it by hand:" + run + "sudo date -s 'YYYY-MM-DD HH:MM:SS'",
	mayRead: func(path string) string {
		return "Make it yours:" + run + "sudo chown \"$(id -un)\": " + path + "; chmod 600 " + path
	},
	mayLog: func(path string) string { return "Make it yours to read and write:" + run + "chmod u+rw " + path },
	mayWrite: func(path string, mine bool) string {
		if mine {
			return "Let yourself write there:" + run + "chmod 700 " + path
		}
		return "Make it yours:" + run + "sudo chown \"$(id -un)\": " + path + "; chmod 700 " + path
	},
	writable: func(disk, another string) string {
		return "Make it writable:" + run + "sudo mount -o remount,rw " + disk + "\nor use another folder, DIR:" + run + another +
			"\nWhere it became so by itself, the disk may be failing; look why:" + run + "sudo dmesg | tail"
	},
	copied:  "cp -a ",
	renamed: "mv ",
	space:   func(disk string) string { return "du -xah " + disk + " 2>/dev/null | sort -h | tail -20" },
	aside:   func(file, folder string) string { return "mkdir " + folder + " && mv " + file + "* " + folder },
	integrity: func(database string) string {
		return "To look at all of it (Debian: sudo apt install sqlite3):" + run + "sqlite3 -readonly " + database + " 'PRAGMA integrity_check'"
	},
}

// ofWindows has commands for PowerShell.
var ofWindows = hints{
	word:     windowsWord,
	readLog:  "notepad ",
	endOfLog: "notepad ",
	starter:  "the Task Scheduler",
	clock:    "Set it in the Settings, Time & language, Date & time: Sync now",
	mayRead:  mayOnWindows,
	mayLog:   mayOnWindows,
	mayWrite: func(path string, _ bool) string {
		return "Give yourself the right to write there, in the properties of " + path + ", Security"
	},
	writable: func(disk, another string) string {
		return "Take the write protection from " + disk + "\nor use another folder, DIR:" + run + another
	},
	copied:  "Copy-Item -Recurse ",
	renamed: "Move-Item ",
	space:   func(string) string { return "start ms-settings:storagesense" },
	aside:   func(file, folder string) string { return "mkdir " + folder + "; Move-Item " + file + "* " + folder },
	integrity: func(database string) string {
		return "To look at all of it (sqlite.org has it):" + run + "sqlite3 -readonly " + database + " 'PRAGMA integrity_check'"
	},
}

func mayOnWindows(path string) string {
	return "Give yourself the right to read and write it, in the properties of " + path + ", Security"
}

// Word is s as one word of a command line here.
func Word(s string) string { return here().word(s) }

// windowsWord is s as a word for PowerShell, and for cmd.exe where it has
// nothing but letters, digits and a few signs.
func windowsWord(s string) string {
	if isPlain(s, `/\._-+:=`) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// unixWord is s as a word of a POSIX shell's command line.
func unixWord(s string) string {
	if isPlain(s, "/._-+:@%,=") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// isPlain reports whether s has letters and digits, and signs, alone.
func isPlain(s, signs string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(signs, r))
	}) < 0
}

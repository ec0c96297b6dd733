package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// fact is a configuration line of the results: its key has no capital letters
// and no spaces.
type fact struct{ key, value string }

// unknown is the value of what cannot be found out.
const unknown = "unknown"

// environment says where the results come from and what was compared.
func environment() []fact {
	facts := []fact{
		{"machine", processor()},
		{"memory", memory()},
		{"filesystem", filesystem(os.TempDir())},
		{"kernel", word("/proc/sys/kernel/osrelease")},
		{"system", system()},
		{"load", strings.SplitN(word("/proc/loadavg"), " ", 2)[0]},
		{"version-bellwire", bellwire()},
	}
	for _, p := range programs {
		facts = append(facts, fact{"version-" + p.name, p.version()})
	}
	for _, m := range []string{"github.com/tmaxmax/go-sse", "github.com/coder/websocket", "modernc.org/sqlite"} {
		out, _ := exec.Command("go", "list", "-m", "-f", "{{.Version}}", m).Output()
		facts = append(facts, fact{"version-" + m, cmp.Or(strings.TrimSpace(string(out)), unknown)})
	}
	return append(facts, npmModules("cmd/bellwire/testdata/bench/package.json")...)
}

// program is something with a version to ask for.
type program struct {
	name string
	args []string
}

var programs = []program{
	{"go", []string{"go", "version"}},
	{"curl", []string{"curl", "--version"}},
	{"node", []string{"node", "--version"}},
	{"chromium", []string{"chromium", "--version"}},
	{"nginx", []string{"nginx", "-v"}},
	{"libnotify", []string{"notify-send", "--version"}},
	{"dunst", []string{"dunst", "--version"}},
}

var number = regexp.MustCompile(`\d+(\.\d+)+`)

// version is the first number with a point in what the program prints about
// itself; nginx does so on standard error.
func (p program) version() string {
	name := p.args[0]
	if _, err := exec.LookPath(name); err != nil {
		name = filepath.Join("/usr/sbin", name) // which is not in everybody's PATH
	}
	out, err := exec.Command(name, p.args[1:]...).CombinedOutput()
	if err != nil {
		return "not installed"
	}
	return cmp.Or(number.FindString(string(out)), unknown)
}

// npmModules are the direct dependencies of the scripts that Node.js runs.
func npmModules(file string) []fact {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil
	}
	var facts []fact
	for name, version := range manifest.Dependencies {
		facts = append(facts, fact{"version-npm/" + name, version})
	}
	slices.SortFunc(facts, func(a, b fact) int { return cmp.Compare(a.key, b.key) })
	return facts
}

func word(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(text))
}

// field is the value of the first line of file that begins with name, up to sep.
func field(file, name, sep string) string {
	f, err := os.Open(file)
	if err != nil {
		return unknown
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, ok := strings.Cut(lines.Text(), sep)
		if ok && strings.TrimSpace(key) == name {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return unknown
}

func processor() string {
	return fmt.Sprintf("%s, %d processors", field("/proc/cpuinfo", "model name", ":"), runtime.NumCPU())
}

func memory() string {
	kB, err := strconv.ParseFloat(strings.TrimSuffix(field("/proc/meminfo", "MemTotal", ":"), " kB"), 64)
	if err != nil {
		return unknown
	}
	return fmt.Sprintf("%.1f GiB", kB/(1<<20))
}

func system() string { return field("/etc/os-release", "PRETTY_NAME", "=") }

// filesystem is the kind and the device of what holds dir, which is where the
// databases of the benchmarks are.
func filesystem(dir string) string {
	f, err := os.Open("/proc/self/mounts")
	if err != nil {
		return unknown
	}
	defer f.Close()
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	found, longest := unknown, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		parts := strings.Fields(lines.Text()) // device, folder, kind
		if len(parts) < 3 || len(parts[1]) < longest {
			continue
		}
		if below := strings.TrimSuffix(parts[1], "/") + "/"; strings.HasPrefix(dir+"/", below) {
			longest, found = len(parts[1]), parts[2]
			if strings.HasPrefix(parts[0], "/dev/") {
				found += " on " + parts[0]
			}
		}
	}
	return found
}

// bellwire is the version, and the commit, with a plus where files differ.
func bellwire() string {
	version := field("FyneApp.toml", "Version", "=")
	commit, err := exec.Command("git", "rev-parse", "--short=10", "HEAD").Output()
	if err != nil {
		return version
	}
	made := version + " (" + strings.TrimSpace(string(commit))
	if changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err != nil || len(changed) != 0 {
		made += "+"
	}
	return made + ")"
}

package arch

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

const appID = "io.bellwire.Bellwire"

// workflow is what matters here of a hosted build.
type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Permissions map[string]string `yaml:"permissions"`
		Timeout     int               `yaml:"timeout-minutes"`
		Steps       []struct {
			Uses string         `yaml:"uses"`
			Run  string         `yaml:"run"`
			With map[string]any `yaml:"with"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

// What somebody else publishes is named by its commit, which cannot be moved,
// with the version beside it for people.
var pinned = regexp.MustCompile(`^\s*(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestWorkflows(t *testing.T) {
	// Every permission that any job has beyond reading the sources.
	more := map[string]map[string]string{
		"release.yml release": {"contents": "write", "id-token": "write", "attestations": "write"},
	}
	files, err := filepath.Glob("../../.github/workflows/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	got := map[string]map[string]string{}
	for _, file := range files {
		name := filepath.Base(file)
		text := read(t, file)
		for line := range strings.Lines(text) {
			if line = strings.TrimRight(line, "\r\n"); strings.Contains(line, "uses:") && !pinned.MatchString(line) {
				t.Errorf("%s: not pinned to a commit, with its version: %s", name, line)
			}
		}
		if strings.Contains(text, "pull_request_target") || strings.Contains(text, "secrets.") {
			t.Errorf("%s gives secrets to what others have written", name)
		}
		var w workflow
		if err := yaml.Unmarshal([]byte(text), &w); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(map[string]string{"contents": "read"}, w.Permissions); diff != "" {
			t.Errorf("%s: permissions (-want +got):\n%s", name, diff)
		}
		packages := false
		for id, job := range w.Jobs {
			if job.Permissions != nil {
				got[name+" "+id] = job.Permissions
			}
			if job.Timeout == 0 {
				t.Errorf("%s: the job %s has no timeout-minutes", name, id)
			}
			for _, step := range job.Steps {
				packages = packages || step.Run == "make package"
				if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
					t.Errorf("%s: the job %s leaves the token in the working folder", name, id)
				}
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: the job %s puts an expression into a shell's text: %s", name, id, step.Run)
				}
			}
		}
		if !packages {
			t.Errorf("%s does not build with make package", name)
		}
	}
	if diff := cmp.Diff(more, got); diff != "" {
		t.Errorf("permissions of jobs (-want +got):\n%s", diff)
	}
}

func TestInfoPlist(t *testing.T) {
	got := plist(t, read(t, "../../packaging/macos/Info.plist"))
	want := map[string]string{
		"CFBundleIdentifier":         appID,
		"CFBundleExecutable":         "bellwire",
		"CFBundleShortVersionString": "@VERSION@",
		"CFBundleVersion":            "@BUILD@",
		"CFBundleIconFile":           "icon.icns",
		"LSUIElement":                "true",
		"LSMinimumSystemVersion":     "12.0",
		"NSHumanReadableCopyright":   "The Bellwire developers",
	}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %q, want %q", key, got[key], value)
		}
	}
	if e := plist(t, read(t, "../../packaging/macos/entitlements.plist")); len(e) != 0 {
		t.Errorf("exceptions from the hardened runtime: %v", e)
	}
}

// plist reads the flat keys of a property list.
func plist(t *testing.T, text string) map[string]string {
	t.Helper()
	keys := map[string]string{}
	d := xml.NewDecoder(strings.NewReader(text))
	key := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			return keys
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch name := start.Name.Local; name {
		case "key", "string", "integer":
			var value string
			if err := d.DecodeElement(&value, &start); err != nil {
				t.Fatal(err)
			}
			if name == "key" {
				key = value
			} else {
				keys[key] = value
			}
		case "true", "false":
			keys[key] = name
		}
	}
}

func TestFlatpakPermissions(t *testing.T) {
	var m struct {
		ID      string   `yaml:"id"`
		Command string   `yaml:"command"`
		Args    []string `yaml:"finish-args"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../packaging/flatpak/"+appID+".yml")), &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != appID || m.Command != "bellwire" {
		t.Errorf("it is %s and starts %q", m.ID, m.Command)
	}
	want := []string{
		"--device=dri", "--filesystem=xdg-config/autostart:ro", "--share=ipc", "--share=network", "--socket=x11",
		"--talk-name=org.freedesktop.Notifications", "--talk-name=org.freedesktop.secrets", "--talk-name=org.kde.StatusNotifierWatcher",
	}
	slices.Sort(m.Args)
	if diff := cmp.Diff(want, m.Args); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
}

// The bus has to start what the manifest names: Flatpak puts itself before
// the first word, as in a menu entry.
func TestFlatpakStartsItsCommandOverTheBus(t *testing.T) {
	const line = "Exec=/usr/bin/bellwire start --service"
	if service := read(t, "../../packaging/linux/dbus/"+appID+".service"); !slices.Contains(strings.Split(service, "\n"), line) {
		t.Errorf("the bus does not start %s", line)
	}
	const change = `sed -i 's|^Exec=/usr/bin/bellwire |Exec=bellwire |'`
	manifest := read(t, "../../packaging/flatpak/"+appID+".yml")
	if !strings.Contains(manifest, change) {
		t.Errorf("the manifest does not change it: %s", change)
	}
	for _, path := range regexp.MustCompile(`packaging/linux/[\w./-]+|\bLICENSE\b`).FindAllString(manifest, -1) {
		if _, err := os.Stat(filepath.Join("../..", path)); err != nil {
			t.Error(err)
		}
	}
}

// What is in the zip is installed and removed again.
func TestWindowsPackagesHoldTheSame(t *testing.T) {
	script, installer := read(t, "../../packaging/windows/package"), read(t, "../../packaging/windows/bellwire.nsi")
	names := func(text, pattern string) (found []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
		slices.Sort(found)
		return found
	}
	packed := names(script, `"\$name/([\w.-]+)"`)
	if len(packed) < 5 {
		t.Fatalf("the zip has only %v", packed)
	}
	if diff := cmp.Diff(packed, names(installer, `(?m)^\s*File "\$\{FILES\}/([\w.-]+)"$`)); diff != "" {
		t.Errorf("installed (-zip +installer):\n%s", diff)
	}
	removed := slices.DeleteFunc(names(installer, `(?m)^\s*Delete "\$INSTDIR\\([\w.-]+)"$`), func(name string) bool { return name == "uninstall.exe" })
	if diff := cmp.Diff(packed, removed); diff != "" {
		t.Errorf("removed (-zip +uninstaller):\n%s", diff)
	}
}

// Every system's programs come with a bill of materials and with the licences
// of all that is in them.
func TestPackagesTellWhatIsInThem(t *testing.T) {
	for _, system := range []string{"linux", "windows", "macos"} {
		text := read(t, "../../packaging/"+system+"/package")
		for _, wanted := range []string{`"$SBOM" -name bellwire -version "$VERSION"`, "-licences", ".cdx.json"} {
			if !strings.Contains(text, wanted) {
				t.Errorf("packaging/%s/package does not say %s", system, wanted)
			}
		}
	}
}

// Windows connects the entry in the Start menu and the notifications by an id,
// and the entry at login is removed by the name under which it was made.
func TestInstallerNamesWhatTheProgramNames(t *testing.T) {
	script := read(t, "../../packaging/windows/bellwire.nsi")
	for file, line := range map[string]string{
		"../../notify/wintoast_windows.go":              `toastAppID = "` + appID + `"`,
		"../../cmd/bellwire/autostart.go":               `ID: "bellwire"`,
		"../../internal/autostart/autostart_windows.go": `Software\Microsoft\Windows\CurrentVersion\Run`,
		"../../packaging/windows/bellwire.exe.manifest": `name="` + appID + `"`,
		"../../packaging/windows/bellwire.nsi":          `!define ID "` + appID + `"`,
		"../../packaging/windows/package":               "--appID " + appID,
		"../../packaging/macos/package":                 "--appID " + appID,
		"../../FyneApp.toml":                            `ID = "` + appID + `"`,
	} {
		if !strings.Contains(read(t, file), line) {
			t.Errorf("%s does not say %s", file, line)
		}
	}
	for _, line := range []string{`DeleteRegValue HKCU "${RUN}" "bellwire"`, `DeleteRegValue HKCU "${APPROVED}" "bellwire"`, "RequestExecutionLevel user"} {
		if !strings.Contains(script, line) {
			t.Errorf("the installer does not say %s", line)
		}
	}
	for _, line := range []string{"RMDir /r", `$LOCALAPPDATA\bellwire"`} {
		if strings.Contains(script, line) {
			t.Errorf("the installer may delete what is the person's own: %s", line)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

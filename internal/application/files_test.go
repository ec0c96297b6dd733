//go:build linux

package application

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const packaging = "../../packaging/linux"

// The desktop entry, the metainfo, the D-Bus service and the user unit are
// what their own checkers take.
func TestFilesAreValid(t *testing.T) {
	unit := filepath.Join(t.TempDir(), "bellwire.service")
	text, err := os.ReadFile(packaging + "/systemd/bellwire.service")
	if err != nil {
		t.Fatal(err)
	}
	// The checker wants a program that is there.
	text = []byte(strings.Replace(string(text), "/usr/bin/bellwire", "/bin/true", 1))
	if err := os.WriteFile(unit, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for _, command := range [][]string{
		{"desktop-file-validate", packaging + "/" + ID + ".desktop"},
		{"appstreamcli", "validate", "--no-net", packaging + "/" + ID + ".metainfo.xml"},
		{"systemd-analyze", "verify", "--user", unit},
	} {
		out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
		if err != nil || command[0] != "appstreamcli" && len(out) > 0 {
			t.Errorf("%v: %v\n%s", command, err, out)
		}
	}
}

// Every action of the desktop entry is one that is answered, and the names
// agree.
func TestFilesAgree(t *testing.T) {
	entry, err := os.ReadFile(packaging + "/" + ID + ".desktop")
	if err != nil {
		t.Fatal(err)
	}
	listed := ""
	for line := range strings.Lines(string(entry)) {
		if v, ok := strings.CutPrefix(line, "Actions="); ok {
			listed = strings.TrimSpace(v)
		}
	}
	got := strings.FieldsFunc(listed, func(r rune) bool { return r == ';' })
	if !slices.Equal(got, actions) {
		t.Errorf("the entry's actions are %q, want %q", got, actions)
	}
	for _, action := range actions {
		if !strings.Contains(string(entry), "[Desktop Action "+action+"]\n") {
			t.Errorf("there is no group for %s", action)
		}
	}
	for name, want := range map[string]string{
		ID + ".desktop":              "Icon=" + ID + "\n",
		ID + ".metainfo.xml":         "<launchable type=\"desktop-id\">" + ID + ".desktop<",
		"dbus/" + ID + ".service":    "Name=" + ID + "\n",
		"systemd/bellwire.service":   "Type=notify\n",
		"../../FyneApp.toml":         "ID = \"" + ID + "\"\n",
		"../../ui/window/options.go": "const ID = \"" + ID + "\"\n",
	} {
		if text, err := os.ReadFile(filepath.Join(packaging, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q (%v)", name, want, err)
		}
	}
}

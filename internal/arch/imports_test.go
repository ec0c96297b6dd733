// Package arch holds the direction of imports: see the layers in
// docs/architecture.md.
package arch

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed lists, for each folder, which of our own packages its packages may
// import directly; "…/*" stands for everything below. Folders not listed
// (cmd, internal/daemon) wire and may import what they like.
var allowed = map[string][]string{
	"bellwire/subscriptions":            {},
	"bellwire/subscriptions/sse":        {"bellwire/subscriptions"},
	"bellwire/subscriptions/websocket":  {"bellwire/subscriptions"},
	"bellwire/subscriptions/poll":       {"bellwire/subscriptions"},
	"bellwire/subscriptions/backfill":   {"bellwire/subscriptions"},
	"bellwire/subscriptions/decode":     {"bellwire/subscriptions", "bellwire/subscriptions/expression"},
	"bellwire/subscriptions/expression": {},
	"bellwire/subscriptions/converse":   {"bellwire/subscriptions", "bellwire/subscriptions/expression"},
	"bellwire/subscriptions/presets":    {"bellwire/subscriptions", "bellwire/subscriptions/expression"},
	"bellwire/subscriptions/detect":     {"bellwire/subscriptions", "bellwire/subscriptions/expression", "bellwire/subscriptions/presets"},
	"bellwire/subscriptions/supervisor": {"bellwire/subscriptions"},
	"bellwire/subscriptions/search":     {"bellwire/subscriptions"},
	"bellwire/storage":                  {"bellwire/subscriptions", "bellwire/subscriptions/search"},
	"bellwire/notify":                   {"bellwire/internal/program", "bellwire/notify/policy", "bellwire/subscriptions"},
	"bellwire/notify/policy":            {"bellwire/subscriptions"},
	"bellwire/forward":                  {"bellwire/subscriptions", "bellwire/subscriptions/expression", "bellwire/internal/program"},
	"bellwire/secrets":                  {"bellwire/subscriptions"},
	"bellwire/internal/control":         {"bellwire/subscriptions", "bellwire/subscriptions/sse"},
	"bellwire/internal/feedfile":        {"bellwire/internal/control", "bellwire/subscriptions"},
	"bellwire/internal/application":     {},
	"bellwire/internal/autostart":       {},
	"bellwire/internal/doctor":          {"bellwire/internal/autostart", "bellwire/internal/control", "bellwire/notify", "bellwire/secrets", "bellwire/storage", "bellwire/subscriptions"},
	"bellwire/internal/eventfile":       {"bellwire/subscriptions"},
	"bellwire/internal/demo":            {"bellwire/subscriptions"},
	"bellwire/internal/manual":          {},
	"bellwire/internal/wake":            {},
	"bellwire/internal/program":         {},
	"bellwire/internal/upgrade":         {"bellwire/internal/program"},
	"bellwire/internal/watch":           {"bellwire/storage", "bellwire/subscriptions", "bellwire/subscriptions/decode"},
	"bellwire/ui/icon":                  {},
	"bellwire/ui/locale":                {},
	"bellwire/ui/words":                 {"bellwire/internal/control", "bellwire/subscriptions", "bellwire/ui/locale"},
	"bellwire/ui/tray":                  {"bellwire/internal/control", "bellwire/subscriptions", "bellwire/ui/icon", "bellwire/ui/words"},
	"bellwire/ui/window":                {"bellwire/internal/control", "bellwire/internal/eventfile", "bellwire/subscriptions", "bellwire/ui/icon", "bellwire/ui/words"},
}

// wiring packages put the others together.
var wiring = []string{"bellwire/cmd/bellwire", "bellwire/internal/daemon"}

// support packages serve tests only.
var support = []string{"bellwire/internal/clocktest", "bellwire/internal/porttest", "bellwire/internal/nchantest", "bellwire/internal/nodetest", "bellwire/internal/pocketbasetest", "bellwire/internal/faultproxy", "bellwire/internal/transporttest", "bellwire/notify/notifytest", "bellwire/secrets/secretstest", "bellwire/internal/arch", "bellwire/packaging"}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-tags", "gles"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestImportDirection(t *testing.T) {
	for _, line := range list(t, "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "bellwire/...") {
		pkg, imports, _ := strings.Cut(line, ":")
		if slices.Contains(wiring, pkg) || slices.Contains(support, pkg) {
			continue
		}
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s has no place in the table: give it one, and say so in docs/architecture.md", pkg)
			continue
		}
		for _, imp := range strings.Fields(imports) {
			if strings.HasPrefix(imp, "bellwire/") && !slices.Contains(may, imp) {
				t.Errorf("%s must not import %s", pkg, imp)
			}
		}
	}
}

func TestVocabularyNeedsTheStandardLibraryOnly(t *testing.T) {
	for _, dep := range list(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "bellwire/subscriptions") {
		if dep != "" && dep != "bellwire/subscriptions" {
			t.Errorf("subscriptions depends on %s", dep)
		}
	}
}

func TestHeadlessHasNoDesktopInIt(t *testing.T) {
	for _, dep := range list(t, "-deps", "-tags", "headless", "bellwire/cmd/bellwire") {
		for _, not := range []string{"fyne.io/", "github.com/go-gl/", "bellwire/ui/"} {
			if strings.HasPrefix(dep, not) {
				t.Errorf("the headless build depends on %s", dep)
			}
		}
	}
}

// Every package that ships in the program stays free of the tests' support.
func TestSupportDoesNotShip(t *testing.T) {
	deps := list(t, "-deps", "bellwire/cmd/bellwire")
	for _, pkg := range support {
		if slices.Contains(deps, pkg) {
			t.Errorf("the program depends on %s", pkg)
		}
	}
}

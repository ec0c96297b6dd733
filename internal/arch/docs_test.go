package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	docLink  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docTest  = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	goTest   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fence    = regexp.MustCompile("(?s)```.*?```")
	unlinked = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the headings of a document, as forges name them in links.
func anchors(text string) map[string]bool {
	found := map[string]bool{"": true}
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		found[strings.ReplaceAll(unlinked.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return found
}

// documents are all of the documentation, by path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	walk(t, func(path string) bool { return filepath.Ext(path) == ".md" }, func(path, text string) { docs[path] = text })
	return docs
}

// walk reads the files of the project that are wanted, by path from its root.
func walk(t *testing.T, wanted func(path string) bool, do func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "build" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !wanted(path):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel("../..", path)
		do(name, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A link that leads nowhere is worse than none: whoever follows it needs help.
func TestLinksOfTheDocuments(t *testing.T) {
	docs := documents(t)
	for name, text := range docs {
		for _, m := range docLink.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, ":") {
				continue
			}
			target := name
			if to != "" {
				target = filepath.Join(filepath.Dir(name), to)
			}
			if _, err := os.Stat(filepath.Join("../..", target)); err != nil {
				t.Errorf("%s: %s is not there", name, m[1])
			} else if there, ok := docs[target]; ok && !anchors(there)[anchor] {
				t.Errorf("%s: %s has no heading %q", name, target, anchor)
			}
		}
	}
}

// Each claim of the threat model names the test that holds it.
func TestTheThreatModelNamesTestsThatAreThere(t *testing.T) {
	text := documents(t)["docs/threat-model.md"]
	if text == "" {
		t.Fatal("docs/threat-model.md is not there")
	}
	there := map[string]bool{}
	code := func(path string) bool {
		return strings.HasSuffix(path, "_test.go") || filepath.Ext(path) == ".go" && strings.Contains(filepath.Dir(path), "test")
	}
	walk(t, code, func(_, text string) {
		for _, m := range goTest.FindAllStringSubmatch(text, -1) {
			there[m[1]] = true
		}
	})
	for _, m := range docTest.FindAllStringSubmatch(text, -1) {
		if !there[m[1]] {
			t.Errorf("docs/threat-model.md names %s, which is not there", m[1])
		}
	}
}

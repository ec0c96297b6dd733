package presets_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bellwire/subscriptions/presets"
)

func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOwnPresets(t *testing.T) {
	dir := write(t, map[string]string{
		"ntfy.yaml":   "title: My ntfy\ntransport: sse\n",
		"gotify.yaml": "title: Gotify\ntransport: websocket\nmaping: {}\n",
		"lab.yaml":    "title: Lab\ntransport: websocket\nframes: ['hello']\nkeep_alive: 20s\n",
		"notes.txt":   "no preset",
	})
	set, err := presets.Load(dir, check)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := set.Get("ntfy"); !p.Own || p.Title != "My ntfy" {
		t.Errorf("ntfy is %q", p.Title)
	}
	if p, _ := set.Get("gotify"); p.Own || p.Address == "" {
		t.Error("a broken preset hides Bellwire's")
	}
	if p, ok := set.Get("lab"); !ok || len(p.Frames) != 1 || p.Frames[0].Send != "hello" {
		t.Errorf("lab is %+v", p)
	}
	if len(set.Broken) != 1 || set.Broken[0].Error() != filepath.Join(dir, "gotify.yaml")+`:3:1: unknown field "maping"` {
		t.Errorf("broken: %v", set.Broken)
	}
	if _, err := presets.Load(filepath.Join(dir, "none"), check); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// The presets that docs/presets.md shows can be read as they stand there.
func TestDocumentedPresets(t *testing.T) {
	text, err := os.ReadFile("../../docs/presets.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for i, part := range strings.Split(string(text), "```yaml\n")[1:] {
		example, _, _ := strings.Cut(part, "```")
		files["example"+strconv.Itoa(i)+".yaml"] = example
	}
	set, err := presets.Load(write(t, files), check)
	if err != nil || len(set.Broken) != 0 {
		t.Fatalf("%v, %v", set.Broken, err)
	}
	if p, ok := set.Get("example1"); !ok || p.Title != "Lab" || len(files) != 2 {
		t.Errorf("%d examples, the second is %q", len(files), p.Title)
	}
}

func TestBrokenPresets(t *testing.T) {
	const head = "title: X\ntransport: sse\n"
	for text, want := range map[string]string{
		"":                                 ".yaml: a preset is one document",
		"title: [":                         ".yaml:1:",
		"transport: sse":                   "title: a preset needs one",
		"title: X\n":                       "transport: a preset needs one",
		head + "notify: {exec: [x]}":       "notify and forwards are not a preset's",
		head + "x: 1":                      `.yaml:3:1: unknown field "x"`,
		head + "name: x":                   `.yaml:3:1: unknown field "name"`,
		head + "title: Y":                  `.yaml:3:1: mapping key "title" already defined`,
		head + "---\ntitle: Y":             ".yaml: a preset is one document",
		head + "about: &a x\nhomepage: *a": ".yaml:3:",
		head + "keep_alive: 20":            "a duration is a text",
		head + "keep_alive: soon":          `"soon" is no duration`,
		head + "address: stream":           ".yaml:3:10: address: it begins with a slash",
		head + "address: /${x}":            `.yaml:3:10: address: there is no option "x"`,
		head + "mapping:\n  title: '{{ data. }}'":                      ".yaml:4:10: mapping.title: column 9:",
		head + "mapping:\n  skip: 'data.x ='":                          ".yaml:4:9: mapping.skip: column",
		head + "mapping:\n  skip: '`${x}` == raw'\noptions: {x: {}}":   "mapping.skip: ${x}: an option cannot stand in raw quotes",
		head + "mapping:\n  titel: x":                                  `.yaml:4:3: unknown field "titel"`,
		head + "options: {Big: {}}":                                    `"Big" cannot be the name of an option`,
		head + "options: {a: {pattern: '('}}":                          "options.a.pattern: error parsing regexp",
		head + "options: {a: {pattern: 'b', default: c}}":              `options.a.default: "c" does not fit b`,
		head + "detect: {paths: ['/(?P<t>x)']}":                        `detect.paths: there is no option "t"`,
		head + "detect: {probe: [{path: /x}]}":                         "it needs when or type",
		head + "detect: {probe: [{path: x, type: y/z}]}":               "detect.probe[0].path: it begins with a slash",
		head + "detect: {probe: [{path: /x, when: 'data.'}]}":          "detect.probe[0].when: column",
		head + "needs: [{by: header}]":                                 `needs[0]: "" is not a header name`,
		head + "frames: [x]":                                           "only a feed of the kind websocket sends frames",
		"title: X\ntransport: websocket\nframes: [{sned: x}]":          `unknown field "sned"`,
		"title: X\ntransport: websocket\nframes: [{send: '{{ a. }}'}]": "frame 1: column",
		head + "title2: " + strings.Repeat("x", presets.MaxFile):       "the file is larger than",
		head + "about: \xff":                                           "the file is not UTF-8",
		"title: X\ntransport: tcp":                                     `unknown transport "tcp"`,
	} {
		dir := write(t, map[string]string{"broken.yaml": text})
		set, err := presets.Load(dir, check)
		if err != nil {
			t.Fatal(err)
		}
		if len(set.Broken) != 1 || !strings.Contains(set.Broken[0].Error(), want) {
			t.Errorf("%.80q: %v, not %s", text, set.Broken, want)
		}
		if len(set.All()) != 19 {
			t.Errorf("%.80q: %d presets", text, len(set.All()))
		}
	}
}

// Package packaging holds what is checked of packaging without building any.
package packaging

import (
	"bytes"
	"encoding/xml"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func version(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^Version = "(\d+\.\d+\.\d+)"$`).FindSubmatch(read(t, "../FyneApp.toml"))
	if m == nil {
		t.Fatal("FyneApp.toml names no version of three numbers")
	}
	return string(m[1])
}

func TestVersionOfTheMetainfoIsThatOfTheProgram(t *testing.T) {
	var component struct {
		Releases []struct {
			Version string `xml:"version,attr"`
			Date    string `xml:"date,attr"`
		} `xml:"releases>release"`
	}
	if err := xml.Unmarshal(read(t, "linux/io.bellwire.Bellwire.metainfo.xml"), &component); err != nil {
		t.Fatal(err)
	}
	if len(component.Releases) == 0 {
		t.Fatal("the metainfo names no release")
	}
	newest := component.Releases[0]
	for _, r := range component.Releases {
		if r.Date > newest.Date {
			newest = r
		}
	}
	if want := version(t); newest.Version != want {
		t.Errorf("the metainfo's newest release is %s, FyneApp.toml says %s", newest.Version, want)
	}
}

var heading = regexp.MustCompile(`(?m)^## \[?([^\] \n]+)`)

// A version has its entry in the changelog, or what belongs to it is still
// called unreleased.
func TestChangelogKnowsTheVersion(t *testing.T) {
	first := heading.FindSubmatch(read(t, "../CHANGELOG.md"))
	if first == nil {
		t.Fatal("CHANGELOG.md has no heading")
	}
	if got := string(first[1]); got != "Unreleased" && got != version(t) {
		t.Errorf("CHANGELOG.md begins with %s, FyneApp.toml says %s", got, version(t))
	}
}

// Fyne's command writes what Fyne's library reads.
func TestFyneVersionsAgree(t *testing.T) {
	of := func(path string) string {
		m := regexp.MustCompile(`(?m)^\s*(?:require )?fyne\.io/fyne/v2 (v\S+)`).FindSubmatch(read(t, path))
		if m == nil {
			t.Fatalf("%s does not require Fyne", path)
		}
		return string(m[1])
	}
	if lib, tool := of("../go.mod"), of("../tools/go.mod"); lib != tool {
		t.Errorf("go.mod requires Fyne %s, tools/go.mod %s", lib, tool)
	}
}

func scripts(t *testing.T) []string {
	t.Helper()
	found := []string{"../scripts/deps"}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if b := read(t, path); bytes.HasPrefix(b, []byte("#!/bin/sh\n")) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(found, "package") || !slices.Contains(found, "linux/package") {
		t.Fatalf("found only %v", found)
	}
	return found
}

func TestScriptsAreSh(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Log("no sh here")
		return
	}
	for _, script := range scripts(t) {
		if out, err := exec.Command(sh, "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
}

var (
	inTree  = regexp.MustCompile(`(?m)\b(packaging/linux/[A-Za-z0-9._/-]+|LICENSE|README\.md|FyneApp\.toml|CHANGELOG\.md|ui/icon/[a-z0-9.-]+)`)
	comment = regexp.MustCompile(`(?m)^\s*#.*$`)
)

// Whatever the script for Linux takes from the tree is there.
func TestLinuxPackagesAreOfFilesThatExist(t *testing.T) {
	script := comment.ReplaceAll(read(t, "linux/package"), nil)
	named := inTree.FindAllString(string(script), -1)
	if len(named) < 10 {
		t.Fatalf("found only %v", named)
	}
	for _, path := range named {
		if _, err := os.Stat(filepath.Join("..", path)); err != nil {
			t.Error(err)
		}
	}
}

type nfpmConfig struct {
	Name      string
	Version   string
	Contents  []struct{ Src, Dst, Type, Packager string }
	Overrides map[string]struct{ Depends, Provides []string }
	RPM       struct{ Buildhost string }
}

// nfpm is run where there are tree, with what goes to /, and aside, with what
// the script puts beside it.
func TestNfpmTakesWhatTheScriptPuts(t *testing.T) {
	script := string(read(t, "linux/package"))
	for _, file := range []string{"linux/nfpm.yaml", "linux/nfpm-headless.yaml"} {
		var config nfpmConfig
		if err := yaml.UnmarshalWithOptions(read(t, file), &config); err != nil {
			t.Fatal(err)
		}
		if config.Version != "${VERSION}" {
			t.Errorf("%s: the version is %q, not that of FyneApp.toml", file, config.Version)
		}
		if config.RPM.Buildhost == "" {
			t.Errorf("%s: the rpm would name the machine that builds it", file)
		}
		if !strings.Contains(script, strings.TrimPrefix(file, "linux/")) {
			t.Errorf("%s is not used", file)
		}
		tree := false
		for _, c := range config.Contents {
			if c.Src == "tree/usr" {
				tree = c.Dst == "/usr" && c.Type == "tree"
				continue
			}
			name, beside := strings.CutPrefix(c.Src, "aside/")
			if !beside || !regexp.MustCompile(`install -m 644 .*\b`+regexp.QuoteMeta(name)+`"? .*"\$1/"`).MatchString(script) {
				t.Errorf("%s: nobody puts %s there", file, c.Src)
			}
		}
		if !tree {
			t.Errorf("%s does not take the tree", file)
		}
	}
}

// Fyne opens these while it runs, so no linker tells of them.
func TestDesktopPackagesNeedWhatIsOpenedAtRunTime(t *testing.T) {
	var config nfpmConfig
	if err := yaml.Unmarshal(read(t, "linux/nfpm.yaml"), &config); err != nil {
		t.Fatal(err)
	}
	for _, lib := range []string{"Xcursor", "Xi", "Xinerama", "Xrandr", "Xrender", "Xxf86vm", "X11", "GL"} {
		deb := regexp.MustCompile(`^lib` + strings.ToLower(lib) + `-?\d+$`)
		rpm := regexp.MustCompile(`^lib` + lib + `\.so\.\d+\(\)\(64bit\)$`)
		if !slices.ContainsFunc(config.Overrides["deb"].Depends, deb.MatchString) {
			t.Errorf("the deb does not depend on lib%s", lib)
		}
		if !slices.ContainsFunc(config.Overrides["rpm"].Depends, rpm.MatchString) {
			t.Errorf("the rpm does not depend on lib%s", lib)
		}
	}
}

func TestDebianChangelog(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("Debian's packages are made on Linux, with GNU date")
		return
	}
	const tail = "\n\n -- The Bellwire developers <hello@bellwire.io>  "
	for _, tc := range []struct{ name, in, want string }{
		{
			"unreleased, then a version",
			"# Changelog\n\n## Unreleased\n\n### Added\n- one\n  more\n\n## [0.1.0] - 2026-01-02\n- first\n",
			"bellwire (0.2.0) unstable; urgency=medium\n\n  [ Added ]\n  * one more" + tail + "Thu, 01 Jan 1970 00:00:01 +0000\n\n" +
				"bellwire (0.1.0) unstable; urgency=medium\n\n  * first" + tail + "Fri, 02 Jan 2026 00:00:00 +0000\n\n",
		},
		{
			"nothing unreleased",
			"## Unreleased\n\n## [0.2.0] - 2026-01-02\n- first\n",
			"bellwire (0.2.0) unstable; urgency=medium\n\n  * first" + tail + "Fri, 02 Jan 2026 00:00:00 +0000\n\n",
		},
		{
			"nothing at all",
			"# Changelog\n",
			"bellwire (0.2.0) unstable; urgency=medium\n\n  * See https://bellwire.io" + tail + "Thu, 01 Jan 1970 00:00:01 +0000\n\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := exec.Command("awk", "-v", "version=0.2.0", "-v", "epoch=1", "-f", "linux/changelog.awk")
			cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC0")
			cmd.Stdin = strings.NewReader(tc.in)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := string(out); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

package upgrade

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline bounds every wait.
const deadline = 3 * time.Minute

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(path), 0o755); err != nil {
		t.Fatal(err)
	}
}

// link ends the test where there are no symbolic links: Windows wants a right
// for them, and Wine copies instead.
func link(t *testing.T, to, path string) {
	t.Helper()
	err := os.Symlink(to, path)
	if runtime.GOOS == "windows" {
		if info, failed := os.Lstat(path); err != nil || failed != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Skip("no symbolic links here")
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTrail(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v1 := folder(t, root, "opt", "v1")
	write(t, filepath.Join(v1, "bellwire"))
	link(t, "v1", filepath.Join(root, "opt", "current"))
	bin := folder(t, root, "bin")
	link(t, "../opt/current/bellwire", filepath.Join(bin, "relative"))
	link(t, filepath.Join(v1, "bellwire"), filepath.Join(bin, "absolute"))
	link(t, "round", filepath.Join(bin, "round"))
	link(t, "../opt/v2/bellwire", filepath.Join(bin, "dangling"))
	opt := filepath.Join(root, "opt")
	for path, want := range map[string]way{
		filepath.Join(v1, "bellwire"):           {v1: {"bellwire"}},
		filepath.Join(bin, "relative"):          {bin: {"relative"}, opt: {"current"}, v1: {"bellwire"}},
		filepath.Join(bin, "absolute"):          {bin: {"absolute"}, v1: {"bellwire"}},
		filepath.Join(bin, "dangling"):          {bin: {"dangling"}, opt: {"v2"}},
		filepath.Join(root, "no", "where", "x"): {root: {"no"}},
	} {
		if d := cmp.Diff(want, trail(path, nil)); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
	if got := slices.Collect(maps.Keys(trail(filepath.Join(bin, "round"), nil))); !slices.Equal(got, []string{bin}) {
		t.Errorf("a link to itself leads to %q", got)
	}
}

// Only what is on the way to the program wakes anybody up, and a folder that
// comes back is watched again.
func TestWatch(t *testing.T) {
	root := t.TempDir()
	dir := folder(t, root, "v", "app")
	path := filepath.Join(dir, "bellwire")
	write(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 16), make(chan error, 1)
	go func() { ended <- (&Program{path: path}).Watch(ctx, func() { changed <- struct{}{} }) }()
	await := func(what string) {
		t.Helper()
		select {
		case <-changed:
		case err := <-ended:
			t.Fatalf("%s: %v", what, err)
		case <-time.After(deadline):
			t.Fatalf("%s is not noticed", what)
		}
	}
	await("the beginning")
	for range 100 { // as in a folder of programs
		write(t, filepath.Join(dir, "another"))
	}
	write(t, filepath.Join(dir, "new"))
	if err := os.Rename(filepath.Join(dir, "new"), path); err != nil {
		t.Fatal(err)
	}
	await("another file")
	if runtime.GOOS == "windows" {
		// There the folder of a program that runs stays where it is.
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		return
	}
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	await("the folder's end")
	write(t, filepath.Join(folder(t, dir), "bellwire"))
	await("a new folder")
	for drained := false; !drained; { // making it may have been several changes
		select {
		case <-changed:
		default:
			drained = true
		}
	}
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	await("a change in the new folder")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A program may lie in a folder where others write all the time, as into a
// download or a log: that wakes nobody, whether they keep the file open or not.
func TestOtherFilesWakeNobody(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("here a folder is watched with what is written to its files")
	}
	dir := t.TempDir()
	path, other := filepath.Join(dir, "bellwire"), filepath.Join(dir, "download")
	write(t, path)
	write(t, other)
	var heard atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	p := &Program{path: path, heard: func() { heard.Add(1) }}
	changed, ended := make(chan struct{}, 16), make(chan error, 1)
	go func() { ended <- p.Watch(ctx, func() { changed <- struct{}{} }) }()
	await := func(what string) {
		t.Helper()
		select {
		case <-changed:
		case <-time.After(deadline):
			t.Fatalf("%s is not noticed", what)
		}
	}
	await("the beginning")
	for range 500 {
		f, err := os.OpenFile(other, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := f.WriteString("more\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// Events come in their order: what is heard by now is all.
	if err := os.WriteFile(path, []byte("written in its place"), 0o755); err != nil {
		t.Fatal(err)
	}
	await("what is written into the program")
	if n := heard.Load(); n == 0 || n > 10 {
		t.Errorf("%d events were heard", n)
	}
	// The same holds of the file that takes its place.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	await("its end")
	write(t, path)
	await("another one")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("and more"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	await("what is written into the other one")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestOtherNamesDoNotConcern(t *testing.T) {
	w := way{filepath.FromSlash("/usr/bin"): {"bellwire"}}
	for path, want := range map[string]bool{
		"/usr/bin/bellwire": true, "/usr/bin": true, "/usr/bin/bellwire.dpkg-new": false, "/usr/bin/xbellwire": false, "/bellwire": false,
	} {
		if w.concerns(filepath.FromSlash(path)) != want {
			t.Errorf("%s concerns: %v", path, !want)
		}
	}
}

func TestIsVersion(t *testing.T) {
	for s, want := range map[string]bool{
		"0.1.0": true, "v1.2.3-0.2026+dirty": true, "dev": true,
		"": false, "two words": false, "line\nbreak": false, "\x1b[31m": false, string(make([]byte, 65)): false, "版本": false,
	} {
		if isVersion(s) != want {
			t.Errorf("isVersion(%q) is %v", s, !want)
		}
	}
}

// The path is the link that was asked for where that leads to what runs.
func TestSelf(t *testing.T) {
	p, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if p.was == nil || !filepath.IsAbs(p.Path()) {
		t.Fatalf("%+v", p)
	}
	if f := p.Look(t.Context(), 1); f != (Finding{}) {
		t.Errorf("what runs is another one: %+v", f)
	}
	named := filepath.Join(t.TempDir(), "named"+filepath.Ext(exe))
	link(t, exe, named)
	was := os.Args[0]
	defer func() { os.Args[0] = was }()
	for name, want := range map[string]string{named: named, "no such program": exe, "/bin/sh": exe} {
		os.Args[0] = name
		if p, err := Self(); err != nil || p.Path() != want {
			t.Errorf("started as %s: %s, want %s, %v", name, p.Path(), want, err)
		}
	}
}

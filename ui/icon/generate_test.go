package icon_test

import (
	"bytes"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// near is how far a channel of a pixel may be from what is drawn here:
// processors round differently.
const near = 0x300

// Every picture is what generate.go draws from the drawing of today.
func TestPicturesAreCurrent(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("go", "run", "generate.go", dir)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	drawn := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		drawn++
		name, _ := filepath.Rel(dir, path)
		kept := name
		if strings.HasPrefix(name, "packaging") {
			kept = filepath.Join("..", "..", name)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(kept)
		if err != nil || !same(t, got, want) {
			t.Errorf("%s is not what the drawing says (%v): go generate ./ui/icon", name, err)
		}
		return nil
	})
	if err != nil || drawn < 29 {
		t.Errorf("%d pictures, %v", drawn, err)
	}
}

// same reports whether two pictures look the same.
func same(t *testing.T, a, b []byte) bool {
	t.Helper()
	if bytes.Equal(a, b) {
		return true
	}
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		return false
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil || x.Bounds() != y.Bounds() {
		return false
	}
	for i := x.Bounds().Min.Y; i < x.Bounds().Max.Y; i++ {
		for j := x.Bounds().Min.X; j < x.Bounds().Max.X; j++ {
			r, g, b, a := x.At(j, i).RGBA()
			r2, g2, b2, a2 := y.At(j, i).RGBA()
			for _, p := range [][2]uint32{{r, r2}, {g, g2}, {b, b2}, {a, a2}} {
				if max(p[0], p[1])-min(p[0], p[1]) > near {
					return false
				}
			}
		}
	}
	return true
}

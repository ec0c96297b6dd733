package icon_test

import (
	"bytes"
	"image/png"
	"testing"

	"bellwire/ui/icon"
)

func TestPNGs(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		size int
	}{
		"app 256": {icon.App256, 256},
		"app 512": {icon.App512, 512},
	} {
		t.Run(name, func(t *testing.T) {
			img, err := png.Decode(bytes.NewReader(c.data))
			if err != nil {
				t.Fatal(err)
			}
			if b := img.Bounds(); b.Dx() != c.size || b.Dy() != c.size {
				t.Errorf("is %v, want %d square", b, c.size)
			}
			if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
				t.Error("has no transparent corner")
			}
			if _, _, _, a := img.At(c.size/2, c.size*3/5).RGBA(); a == 0 {
				t.Error("is empty in the middle")
			}
		})
	}
}

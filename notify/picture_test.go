package notify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// drawing is red on the left half and transparent on the right.
func drawing(width, height int) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width / 2 {
			p.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
		}
	}
	return p
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func writePNG(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, drawing(width, height)); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "picture.png", b.Bytes())
}

func TestPicture(t *testing.T) {
	var photo, moving bytes.Buffer
	if err := jpeg.Encode(&photo, drawing(100, 50), nil); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&moving, drawing(10, 10), nil); err != nil {
		t.Fatal(err)
	}
	var icon bytes.Buffer
	if err := png.Encode(&icon, drawing(10, 10)); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path string
		want image.Point // zero is an error
	}{
		"as it is":       {writePNG(t, 64, 32), image.Pt(64, 32)},
		"wide":           {writePNG(t, 1024, 256), image.Pt(128, 32)},
		"high":           {writePNG(t, 3, 1000), image.Pt(1, 128)},
		"the largest":    {writePNG(t, maxPictureSide, maxPictureSide), image.Pt(128, 128)},
		"a JPEG":         {writeFile(t, "a.jpg", photo.Bytes()), image.Pt(100, 50)},
		"by its content": {writeFile(t, "a.txt", photo.Bytes()), image.Pt(100, 50)},
		"too large":      {writePNG(t, maxPictureSide+1, 1), image.Point{}},
		"too many bytes": {writeFile(t, "a.png", append(icon.Bytes(), make([]byte, maxPictureFile)...)), image.Point{}},
		"another kind":   {writeFile(t, "a.gif", moving.Bytes()), image.Point{}},
		"half of one":    {writeFile(t, "a.png", icon.Bytes()[:icon.Len()-20]), image.Point{}},
		"no picture":     {writeFile(t, "a.svg", []byte("<svg/>")), image.Point{}},
		"a folder":       {t.TempDir(), image.Point{}},
		"not a file":     {os.DevNull, image.Point{}},
		"nothing":        {filepath.Join(t.TempDir(), "none.png"), image.Point{}},
		"a strange path": {"/\x00.png", image.Point{}},
		"none":           {"", image.Point{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := picture(test.path)
			if test.want == (image.Point{}) {
				if err == nil {
					t.Fatal("it is taken for a picture")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if size := p.Bounds().Size(); size != test.want {
				t.Errorf("%v, want %v", size, test.want)
			}
		})
	}
}

func TestPictureKeepsColours(t *testing.T) {
	p, err := picture(writePNG(t, 1000, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if left, right := p.NRGBAAt(25, 64), p.NRGBAAt(100, 64); left != (color.NRGBA{R: 255, A: 255}) || right.A != 0 {
		t.Errorf("left %v, right %v", left, right)
	}
	hint := pixelsOf(p)
	if s := dbus.SignatureOf(hint).String(); s != "(iiibiiay)" {
		t.Errorf("the hint is %s", s)
	}
	if len(hint.Data) != int(hint.Stride*hint.Height) || hint.Stride != hint.Width*hint.Channels {
		t.Errorf("%d bytes for %+v", len(hint.Data), hint.Width)
	}
}

// What a PNG says of its size is looked at before room is made for it.
func TestPictureLiesAboutItsSize(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, drawing(10, 10)); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	copy(data[16:24], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // IHDR, checksum left alone
	if _, err := picture(writeFile(t, "a.png", data)); err == nil {
		t.Error("it is taken for a picture")
	}
	_, err := picture(writePNG(t, 1, maxPictureSide+1))
	if !errors.Is(err, errPicture) || !strings.Contains(err.Error(), "2049") {
		t.Errorf("%v", err)
	}
}

func FuzzPicture(f *testing.F) {
	for _, size := range []int{1, 40} {
		var asPNG, asJPEG bytes.Buffer
		if png.Encode(&asPNG, drawing(size, size)) != nil || jpeg.Encode(&asJPEG, drawing(size, size), nil) != nil {
			f.Fatal("no seed")
		}
		f.Add(asPNG.Bytes())
		f.Add(asJPEG.Bytes())
	}
	path := filepath.Join(f.TempDir(), "picture")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := picture(path)
		if err != nil {
			return
		}
		if size := p.Bounds().Size(); size.X < 1 || size.Y < 1 || size.X > pictureSide || size.Y > pictureSide {
			t.Errorf("%v", size)
		}
		if _, err := squarePNG(p); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkPicture(b *testing.B) {
	for name, size := range map[string]int{"icon": 64, "largest": maxPictureSide} {
		var data bytes.Buffer
		if err := png.Encode(&data, drawing(size, size)); err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(b.TempDir(), "picture.png")
		if err := os.WriteFile(path, data.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p, err := picture(path)
				if err != nil {
					b.Fatal(err)
				}
				msg := &dbus.Message{Type: dbus.TypeSignal, Body: []any{pixelsOf(p)}, Headers: map[dbus.HeaderField]dbus.Variant{
					dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/")), dbus.FieldInterface: dbus.MakeVariant("a.b"),
					dbus.FieldMember: dbus.MakeVariant("C"), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(pixelsOf(p))),
				}}
				if err := msg.EncodeTo(io.Discard, binary.LittleEndian); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

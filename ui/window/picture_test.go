package window

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"testing"

	"bellwire/internal/control"

	"fyne.io/fyne/v2/test"
)

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb says that it is w by h pixels, in a few bytes.
func bomb(t *testing.T, w, h uint32) []byte {
	b := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestDecodePicture(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"a picture":  {pngOf(t, 30, 20), nil},
		"no picture": {[]byte("<html>"), errNoPicture},
		"nothing":    {nil, errNoPicture},
		"cut off":    {pngOf(t, 300, 200)[:60], errNoPicture},
		"too wide":   {bomb(t, 1<<24, 2), errLargePicture},
		"too many":   {bomb(t, 1<<16, 1<<16), errLargePicture},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decodePicture(c.data); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestPictureOnlyAfterAClick(t *testing.T) {
	f := plenty()
	f.events[4].Image = "https://img.example.org/a.png"
	f.desk.picture = control.Picture{Type: "image/png", Data: []byte("no")}
	h := open(t, f, Options{})
	h.loaded()
	h.selectEvent(4)
	h.read(4)
	p := h.detail.picture
	if p.Visible() {
		t.Error("a picture of nothing")
	}
	h.selectEvent(5)
	h.read(5)
	if p.button.Text != "Show picture from img.example.org" || h.fake.has("picture 5") {
		t.Errorf("offers %q", p.button.Text)
	}
	test.Tap(p.button)
	h.until("it says so", func() bool { return p.error.Visible() })
	if p.error.Text != "What the server sent is no picture that can be shown." {
		t.Errorf("says %q", p.error.Text)
	}
	f.with(func() { f.desk.picture.Data = pngOf(t, 2000, 500) })
	test.Tap(p.button)
	h.until("the picture", func() bool { return p.box.Visible() })
	size := p.image.Size()
	if size.Width <= 0 || size.Width > h.detail.Size().Width || size.Width != 4*size.Height {
		t.Errorf("it is shown as %v", size)
	}
	if p.box.MinSize().Height != size.Height {
		t.Errorf("it takes %v", p.box.MinSize())
	}
}

package window

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/gif" // what servers send
	_ "image/jpeg"
	_ "image/png"
	"net/url"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	_ "golang.org/x/image/webp"
)

// maxPixels bounds a picture, before it is decoded: 4 bytes each.
const maxPixels = 16 << 20

// maxPictureHeight is the most of the pane that a picture takes, in pixels.
const maxPictureHeight = 480

var (
	errNoPicture    = errors.New("what the server sent is no picture")
	errLargePicture = errors.New("the picture is too large")
)

// A picture offers an event's image, and shows it once somebody has asked:
// only then its host learns of us.
type picture struct {
	*fyne.Container
	u      *ui
	seq    int64
	button *widget.Button
	wait   *widget.Label
	error  *widget.Label
	image  *canvas.Image
	box    *fyne.Container
}

func newPicture(u *ui) *picture {
	p := &picture{u: u, wait: newSmallLabel(), error: newSmallLabel(), image: &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleSmooth}}
	p.button = widget.NewButtonWithIcon("", theme.MediaPhotoIcon(), p.load)
	p.wait.Importance = widget.LowImportance
	p.wait.SetText(words.Say("picture.loading"))
	p.error.Importance = widget.DangerImportance
	p.box = container.New(pictureLayout{p}, p.image)
	p.Container = inset(column(0, container.NewHBox(p.button), p.wait, p.error, p.box), 4, 8, 8, 8)
	p.Hide()
	return p
}

// show offers the image of e.
func (p *picture) show(e subscriptions.Event) {
	if p.seq == e.Seq {
		return
	}
	p.seq = e.Seq
	p.image.Image = nil
	p.wait.Hide()
	p.error.Hide()
	p.box.Hide()
	host := pictureHost(e.Image)
	p.Hidden = host == ""
	p.button.SetText(words.Say("picture.show", words.With{"Host": clip(host, 60)}))
	p.button.Enable()
	p.button.Show()
}

// pictureHost is where an image comes from; empty when it cannot be had.
func pictureHost(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Hostname()
}

func (p *picture) load() {
	seq := p.seq
	p.button.Disable()
	p.error.Hide()
	stop := p.u.clock.after(progressAfter, func() {
		if p.seq == seq {
			p.wait.Show()
			p.Refresh()
		}
	})
	askWithin(p.u, actTimeout, func(ctx context.Context) (image.Image, error) {
		got, err := p.u.o.Client.Picture(ctx, seq)
		if err != nil {
			return nil, err
		}
		return decodePicture(got.Data)
	}, func(i image.Image, err error) {
		stop()
		if p.seq != seq {
			return
		}
		p.wait.Hide()
		p.button.Enable()
		if err != nil {
			p.error.SetText(pictureWords(err))
			p.error.Show()
			p.Refresh()
			return
		}
		p.button.Hide()
		p.image.Image = i
		p.box.Show()
		p.image.Refresh()
		p.u.detail.scroll.Refresh() // it is longer now
	})
	p.Refresh()
	p.u.focusList()
}

func pictureWords(err error) string {
	switch {
	case errors.Is(err, errNoPicture):
		return words.Say("picture.none")
	case errors.Is(err, errLargePicture):
		return words.Say("picture.large")
	}
	text, hint := errorWords(err)
	return clip(sentence(text)+" "+hint, 2*maxTitle)
}

// decodePicture decodes what a stranger's server sent, once its size is known
// to be bearable.
func decodePicture(data []byte) (image.Image, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil || c.Width <= 0 || c.Height <= 0:
		return nil, errNoPicture
	case c.Width > maxPixels/c.Height:
		return nil, errLargePicture
	}
	i, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errNoPicture
	}
	return i, nil
}

// pictureLayout scales a picture down to the pane, never up.
type pictureLayout struct{ p *picture }

func (l pictureLayout) size(width float32) fyne.Size {
	i := l.p.image.Image
	if i == nil || width <= 0 {
		return fyne.Size{}
	}
	w, h := float32(i.Bounds().Dx()), float32(i.Bounds().Dy())
	scale := min(1, width/w, maxPictureHeight/h)
	return fyne.NewSize(w*scale, h*scale)
}

// Layout implements [fyne.Layout].
func (l pictureLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	l.p.image.Resize(l.size(size.Width))
}

// MinSize implements [fyne.Layout].
func (l pictureLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(1, l.size(l.p.box.Size().Width).Height)
}

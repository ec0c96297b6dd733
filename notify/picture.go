package notify

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
)

const (
	// maxPictureFile is the largest picture that is read, in bytes.
	maxPictureFile = 1 << 20
	// maxPictureSide is the longest side of one that is decoded, in pixels.
	maxPictureSide = 2048
	// pictureSide is the longest side of one that is sent. Popups show fewer;
	// the D-Bus library works on every byte of it by itself.
	pictureSide = 128
)

var errPicture = errors.New("not a picture that can be shown")

// picture reads the PNG or JPEG file at path, at most [pictureSide] pixels
// wide and high.
//
// Services could be given the path instead. The pixels have come over the
// wire perhaps, and with them no decoder but Go's sees the file; a service
// outside our sandbox could not open it either. Measured on two slow cores:
// 0.1 s and 26 MB for the largest picture there can be, 1 ms for an icon.
func picture(path string) (*image.NRGBA, error) {
	data, err := readPicture(path)
	if err != nil {
		return nil, err
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || format != "png" && format != "jpeg" { // others may be registered elsewhere
		return nil, errPicture
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPictureSide || c.Height > maxPictureSide {
		return nil, fmt.Errorf("%w: it is %d×%d pixels large", errPicture, c.Width, c.Height)
	}
	full, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errPicture
	}
	small := image.NewNRGBA(image.Rectangle{Max: shrink(full.Bounds().Size(), pictureSide)})
	draw.CatmullRom.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
	return small, nil
}

// readPicture reads a regular file of a bounded size: another kind might
// never end, or never begin.
func readPicture(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPictureFile {
		return nil, fmt.Errorf("%w: it is no file of at most %d bytes", errPicture, maxPictureFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPictureFile))
}

// shrink is size made small enough for a square of that side, in proportion.
func shrink(size image.Point, side int) image.Point {
	longest := max(size.X, size.Y)
	if longest <= side {
		return size
	}
	return image.Pt(max(1, size.X*side/longest), max(1, size.Y*side/longest))
}

// pixels is the hint "image-data": (iiibiiay), §5 of the specification.
type pixels struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Data                  []byte
}

func pixelsOf(p *image.NRGBA) pixels {
	size := p.Bounds().Size()
	return pixels{
		Width: int32(size.X), Height: int32(size.Y), Stride: int32(p.Stride),
		Alpha: true, Bits: 8, Channels: 4, Data: p.Pix,
	}
}

// squarePNG is p in the middle of a transparent square: portals take no other
// shape.
func squarePNG(p *image.NRGBA) ([]byte, error) {
	size := p.Bounds().Size()
	side := max(size.X, size.Y)
	square := image.NewNRGBA(image.Rect(0, 0, side, side))
	corner := image.Pt((side-size.X)/2, (side-size.Y)/2)
	draw.Draw(square, image.Rectangle{Min: corner, Max: corner.Add(size)}, p, image.Point{}, draw.Src)
	var b bytes.Buffer
	err := png.Encode(&b, square)
	return b.Bytes(), err
}

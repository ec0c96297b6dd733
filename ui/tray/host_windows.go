package tray

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"
)

// probe: the notification area is part of the shell.
func probe(context.Context) (host bool, err error) { return true, nil }

func prepare() {}

// nativeIcon wraps a PNG of 48 pixels in an ICO file of one image, which
// Windows has read since Vista.
func nativeIcon(png []byte) []byte {
	const header = 6 + 16
	var b bytes.Buffer
	for _, v := range []any{
		[]uint16{0, 1, 1},     // reserved, an icon, one image
		[]uint8{48, 48, 0, 0}, // width, height, no palette, reserved
		[]uint16{1, 32},       // planes, bits a pixel
		[]uint32{uint32(len(png)), header},
	} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes everything
	}
	b.Write(png)
	return b.Bytes()
}

// escape keeps ampersands in a label from becoming mnemonics.
func escape(label string) string { return strings.ReplaceAll(label, "&", "&&") }

// registerLate has nothing to do here: icons need no panel to be there.
func registerLate(context.Context) error { return nil }

package sse_test

import (
	"math"
	"math/big"
	"strings"
	"time"

	"bellwire/subscriptions"
)

// reference reads a whole event stream the way WHATWG HTML §9.2.6 says it,
// step by step and without a care for speed or memory. Payloads above limit
// come as Oversize with their full size.
func reference(stream []byte, limit int) (messages []subscriptions.Message, retries []time.Duration) {
	text := strings.TrimPrefix(decodeUTF8(stream), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	lines := strings.Split(text, "\n")

	var data, eventType, lastID, id string
	hasData, hasID := false, false
	for _, line := range lines[:len(lines)-1] { // what follows the last line end is no line
		if line == "" {
			if hasID {
				lastID = id
			}
			if hasData || hasID {
				m := subscriptions.Message{Type: "message", Cursor: lastID, CursorOnly: !hasData}
				if eventType != "" {
					m.Type = eventType
				}
				if hasID {
					m.ID = id
				}
				m.Data = strings.TrimSuffix(data, "\n")
				if len(m.Data) > limit {
					m.Data, m.Oversize = "", int64(len(m.Data))
				}
				messages = append(messages, m)
			}
			data, eventType, id, hasData, hasID = "", "", "", false, false
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			eventType = value
		case "data":
			data += value + "\n"
			hasData = true
		case "id":
			if !strings.Contains(value, "\x00") {
				id, hasID = value, true
			}
		case "retry":
			if value != "" && strings.Trim(value, "0123456789") == "" {
				ms, _ := new(big.Int).SetString(value, 10)
				most := big.NewInt(math.MaxInt64 / int64(time.Millisecond))
				if ms.Cmp(most) > 0 {
					ms = most
				}
				retries = append(retries, time.Duration(ms.Int64())*time.Millisecond)
			}
		}
	}
	return messages, retries
}

// decodeUTF8 is the decoder of the Encoding standard, §8.1.1.
func decodeUTF8(stream []byte) string {
	var out strings.Builder
	var point rune
	seen, needed := 0, 0
	lower, upper := byte(0x80), byte(0xBF)
	for i := 0; i < len(stream); i++ {
		b := stream[i]
		if needed == 0 {
			switch {
			case b <= 0x7F:
				out.WriteByte(b)
			case 0xC2 <= b && b <= 0xDF:
				needed, point = 1, rune(b&0x1F)
			case 0xE0 <= b && b <= 0xEF:
				if b == 0xE0 {
					lower = 0xA0
				}
				if b == 0xED {
					upper = 0x9F
				}
				needed, point = 2, rune(b&0xF)
			case 0xF0 <= b && b <= 0xF4:
				if b == 0xF0 {
					lower = 0x90
				}
				if b == 0xF4 {
					upper = 0x8F
				}
				needed, point = 3, rune(b&0x7)
			default:
				out.WriteRune('\uFFFD')
			}
			continue
		}
		if b < lower || b > upper {
			point, needed, seen, lower, upper = 0, 0, 0, 0x80, 0xBF
			i-- // look at b again
			out.WriteRune('\uFFFD')
			continue
		}
		lower, upper = 0x80, 0xBF
		point = point<<6 | rune(b&0x3F)
		if seen++; seen == needed {
			out.WriteRune(point)
			point, needed, seen = 0, 0, 0
		}
	}
	if needed != 0 {
		out.WriteRune('\uFFFD')
	}
	return out.String()
}

package decode

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/tidwall/gjson"
)

func TestCursor(t *testing.T) {
	const data = `{"seq":18446744073709551617,"f":1.50,"s":"1772366000:0","nul":null,"yes":true,"empty":"",
		"list":[ {"id":"a"}, {"id":"b"} ],"off":[{"topic":"x","offset":1}],"lines":{"a": 1,
		"b": [1,
		"x y"]},"a.b":{"c*":"odd"},"@this":"at","seq":"second","bad":"a\nb","payload":"{\"id\":9}","zh":"位"}`
	tests := []struct{ name, path, data, want string }{
		{"no path", "", data, "transport's"},
		{"big integer", "seq", data, "18446744073709551617"},
		{"number as written", "f", data, "1.50"},
		{"string", "s", data, "1772366000:0"},
		{"not ASCII", "zh", data, "位"},
		{"array index", "list.1.id", data, "b"},
		{"behind the array", "list.2.id", data, "transport's"},
		{"negative index", "list.-1", data, "transport's"},
		{"array as JSON", "off", data, `[{"topic":"x","offset":1}]`},
		{"JSON as written", "list", data, `[ {"id":"a"}, {"id":"b"} ]`},
		{"JSON on several lines", "lines", data, `{"a":1,"b":[1,"x y"]}`},
		{"escaped dot, star", `a\.b.c*`, data, "odd"},
		{"no wildcard", "se*", data, "transport's"},
		{"no modifier", "@this", data, "at"},
		{"no query", "list.#", data, "transport's"},
		{"JSON in a string", "payload.id", data, "9"},
		{"null", "nul", data, "transport's"},
		{"boolean", "yes", data, "transport's"},
		{"empty string", "empty", data, "transport's"},
		{"absent", "nothing.here", data, "transport's"},
		{"control character", "bad", data, "transport's"},
		{"not JSON", "seq", "seq", "transport's"},
		{"broken JSON", "seq", `{"seq":1`, "transport's"},
		{"too long", "seq", `{"seq":"` + strings.Repeat("x", MaxCursor+1) + `"}`, "transport's"},
		{"root array", "0.seq", `[{"seq":5}]`, "5"},
		{"empty name", ".x", `{"":{"x":"y"}}`, "y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := subscriptions.Feed{Settings: subscriptions.Settings{Resume: subscriptions.Resume{Field: tt.path}}}
			if got := cursorOf(f, subscriptions.Message{Cursor: "transport's", Data: tt.data}); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPriority(t *testing.T) {
	for v, want := range map[string]int{
		"0": 1, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "-7": 1, "3.6": 4,
		"6": 3, "7": 4, "8": 4, "9": 5, "10": 5, "11": 5, "1e308": 5, "1e999": 5,
		`"5"`: 5, `" 2 "`: 2, `"10"`: 5,
		`"min"`: 1, `"DEBUG"`: 1, `"low"`: 2, `"Normal"`: 3, `"info"`: 3, `"success"`: 3,
		`"WARN"`: 4, `"high"`: 4, `"failed"`: 4, `"urgent"`: 5, `"emergency"`: 5, `"P1"`: 5,
		`"purple"`: 0, `""`: 0, `"nan"`: 0, `"inf"`: 0, "true": 0, "null": 0, "[5]": 0, `{"a":1}`: 0,
		`"` + strings.Repeat("9", 1000) + `"`: 0,
	} {
		got, ok := priority(gjson.Parse(v), true)
		if got != want || ok != (want != 0) {
			t.Errorf("%.40s: got %d, %v, want %d", v, got, ok, want)
		}
	}
	if got, ok := priority(gjson.Parse("85"), false); ok {
		t.Errorf("85 without clamp is %d", got)
	}
}

func TestWhen(t *testing.T) {
	sec := time.Date(2026, 2, 28, 10, 11, 12, 0, time.UTC)
	ms := sec.Add(345 * time.Millisecond)
	for v, want := range map[string]time.Time{
		"1772273472":                          sec,
		`"1772273472"`:                        sec,
		"1772273472345":                       ms,
		"1772273472345000":                    ms,
		"1772273472345000000":                 ms,
		"1772273472.345":                      ms,
		"1772273472345.0":                     ms,
		"1.772273472e9":                       sec,
		`"2026-02-28T10:11:12Z"`:              sec,
		`"2026-02-28T10:11:12.345+00:00"`:     ms,
		`"2026-02-28T12:11:12+02:00"`:         sec,
		`"2026-02-28T12:11:12+0200"`:          sec,
		`"2026-02-28T10:11:12"`:               sec,
		`"2026-02-28 10:11:12"`:               sec,
		`"2026-02-28 10:11:12.345"`:           ms,
		`"2026-02-28 12:11:12 +0200"`:         sec,
		`"2026-02-28 12:11:12+02"`:            {},
		`"2026-02-28 10:11:12 UTC"`:           sec,
		`"2026-02-28 10:11:12 +0000 UTC"`:     sec,
		`"Sat, 28 Feb 2026 10:11:12 GMT"`:     sec,
		`"Sat, 28 Feb 2026 12:11:12 +0200"`:   sec,
		`"Sat Feb 28 10:11:12 +0000 2026"`:    sec,
		`"Sat Feb 28 10:11:12 UTC 2026"`:      sec,
		`"Sat, 28 Feb 2026 10:11:12 EST"`:     {}, // an abbreviation names no zone
		"0":                                   {},
		"-5":                                  {},
		"12":                                  {},
		"9223372036854775807":                 {},
		"99999999999999999999":                {},
		"1e999":                               {},
		`"20260228"`:                          {},
		`"soon"`:                              {},
		`"1999-12-31T23:59:59Z"`:              {},
		`"2026-03-02T11:59:59Z"`:              received.Add(24*time.Hour - time.Second),
		`"2026-03-02T12:00:01Z"`:              {},
		"true":                                {},
		`"` + strings.Repeat("1", 1000) + `"`: {},
	} {
		if got := when(gjson.Parse(v), received); !got.Equal(want) || !got.IsZero() && got.Location() != time.UTC {
			t.Errorf("%.50s: got %v, want %v", v, got, want)
		}
	}
	if when(gjson.Parse("4102444800"), time.Time{}).IsZero() {
		t.Error("without a time of arrival there is no upper bound")
	}
}

func TestLink(t *testing.T) {
	for s, want := range map[string]string{
		"https://example.com/a?b=c#d":    "https://example.com/a?b=c#d",
		"  http://[::1]:80/ ":            "http://[::1]:80/",
		"HTTPS://EXAMPLE.com":            "HTTPS://EXAMPLE.com",
		"https://例え.jp/路":                "https://例え.jp/路",
		"https://a.b/x y?q=\"<z>\"|`{}^": "https://a.b/x%20y?q=%22%3Cz%3E%22%7C%60%7B%7D%5E",
		`https://a.b/c\d`:                "https://a.b/c%5Cd",
		"mailto:a@b.example?subject=hi":  "mailto:a@b.example?subject=hi",
		"mailto:a@b?Attach=/etc/passwd":  "",
		"mailto:":                        "",
		"mailto://x":                     "",
		"javascript:alert(1)":            "",
		"data:text/html,x":               "",
		"file:///etc/passwd":             "",
		"ftp://a.b":                      "",
		"//a.b/c":                        "",
		"/relative":                      "",
		"example.com":                    "",
		"http:///path":                   "",
		"http://:80/":                    "",
		"http:a.b":                       "",
		`http:\\a.b`:                     "",
		"https://a.b/\x00":               "",
		"https://a.b/c\nd":               "",
		"https://a.b/c\td":               "",
		"https://a.b/\u202egpj.exe":      "",
		"https://a.b/\u0085x":            "",
		"https://a.b/\xff":               "",
		"https://a.b/%zz":                "",
		"":                               "",
		"https://a.b/" + strings.Repeat("x", MaxLink):         "",
		"https://a.b/" + strings.Repeat(" ", MaxLink/2) + "x": "",
	} {
		if got := link(s); got != want {
			t.Errorf("%.60q: got %q, want %q", s, got, want)
		}
	}
}

func TestLineAndText(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		line  string
		text  string
	}{
		{"", 10, "", ""},
		{"plain", 10, "plain", "plain"},
		{"  a \t b\r\n\r\nc  ", 20, "a b c", "a \t b\n\nc"},
		{"a\rb\u2028c\u0085d\ve", 20, "a b c d e", "a\nb\nc\nd\ne"},
		{"a\x00\x1b\x7f\u009b\u202e\u2069\ufeffb", 20, "ab", "ab"},
		{"a\xffb\xc3", 20, "a\uFFFDb\uFFFD", "a\uFFFDb\uFFFD"},
		{"1234567890", 10, "1234567890", "1234567890"},
		{"1234567890a", 10, "123456789…", "1234567…"},
		{"12345678 90a", 10, "12345678…", "1234567…"},
		{"123456789 ", 10, "123456789", "123456789"},
		{"a\u00a0\u3000b", 20, "a b", "a\u00a0\u3000b"},
		{"字字字字", 4, "字字字字", "…"},
		{"字字字字", 3, "字字…", "…"},
		{"👍🏽 ok", 20, "👍🏽 ok", "👍🏽 ok"},
	}
	for _, tt := range tests {
		t.Run(strconv.Quote(tt.in), func(t *testing.T) {
			if got := Line(tt.in, tt.limit); got != tt.line {
				t.Errorf("line %q, want %q", got, tt.line)
			}
			if got := Text(tt.in, tt.limit); got != tt.text {
				t.Errorf("text %q, want %q", got, tt.text)
			}
		})
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{1: "1 byte", 999: "999 bytes", 1999: "1.9 kB", 1 << 20: "1.0 MB", 25_000_000_000: "25.0 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

package notify

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"git.sr.ht/~jackmordaunt/go-toast"
	"git.sr.ht/~jackmordaunt/go-toast/tmpl"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// nasty draws text made of what means something to XML, to PowerShell, to
// AppleScript or to a command line, and of anything else.
func nasty() *rapid.Generator[string] {
	pieces := rapid.OneOf(
		rapid.SampledFrom([]string{
			"]]>", "<![CDATA[", "</text>", "<text>", "&#60;", "&lt;", "<!--", "<?", "$(calc)", "${env:X}", "$x", "`n",
			"\n\"@\n", "\n\u201c@\n", "\r\n'@\r\n", "\"@", "@\"", "\x00", "\x1b]0;x\a", "\ufffe", "\U0001fffe", "\xff\xfe", "\u202e",
			"'", "\"", "\\", "\\\"", "%s", "-execute", "(a)", "{a=b;}", "é", "你好", "🔔", "\U00020000", "\u2028", "\t",
		}),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
	)
	return rapid.Map(rapid.SliceOfN(pieces, 0, 8), func(s []string) string { return strings.Join(s, "") })
}

// text is what a user would read of a toast: the elements with a depth, and
// the contents of each text element.
func parseToast(doc string) (elements, texts []string, err error) {
	d := xml.NewDecoder(strings.NewReader(doc))
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, texts, nil
		}
		if err != nil {
			return nil, nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			elements = append(elements, fmt.Sprint(depth, token.Name.Local, token.Attr))
			if token.Name.Local == "text" {
				texts = append(texts, "")
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if n := len(elements); n > 0 && strings.HasPrefix(elements[n-1], "4text") && depth == 4 {
				texts[len(texts)-1] += string(token)
			}
		default:
			elements = append(elements, fmt.Sprintf("%T", token))
		}
	}
}

func renderToast(t interface{ Fatal(...any) }, title, body, icon string) (doc, script string) {
	n := toast.Notification{AppID: "Bellwire", Title: title, Body: body, Icon: icon, ActivationType: toast.Foreground, Duration: toast.Short, Audio: toast.Silent}
	var x, s strings.Builder
	if err := tmpl.XMLTemplate.Execute(&x, n); err != nil {
		t.Fatal(err)
	}
	if err := tmpl.ScriptTemplate.Execute(&s, struct{ AppID, XML string }{"Bellwire", x.String()}); err != nil {
		t.Fatal(err)
	}
	return x.String(), s.String()
}

// hereEnd is what ends a PowerShell here-string; it takes curly quotes for
// straight ones.
var hereEnd = regexp.MustCompile(`(?m)^\s*["\x{201c}\x{201d}\x{201e}]@`)

func TestToastTextCannotChangeTheToast(t *testing.T) {
	p := portable{os: "windows", o: Options{AppName: "Bellwire"}}
	render := func(t interface{ Fatal(...any) }, n Notification) (elements, texts []string, script string) {
		head, body, icon := p.text(n)
		doc, script := renderToast(t, head, body, icon)
		elements, texts, err := parseToast(doc)
		if err != nil {
			t.Fatal(doc, err)
		}
		return elements, texts, script
	}
	want, _, _ := render(t, Notification{Title: "a", Body: "b"})
	rapid.Check(t, func(t *rapid.T) {
		n := Notification{Title: nasty().Draw(t, "title"), Body: nasty().Draw(t, "body"), FeedName: "Deploys"}
		elements, texts, script := render(t, n)
		if d := cmp.Diff(want, elements); d != "" {
			t.Fatalf("structure (-want +got):\n%s", d)
		}
		head, body := title(n, p.o), lines(n.Body, maxBody)
		if body == "" {
			body = "Deploys"
		}
		if d := cmp.Diff([]string{head, body}, texts); d != "" {
			t.Fatalf("text (-want +got):\n%s", d)
		}
		if strings.ContainsFunc(script, func(r rune) bool { return r > 0xffff }) {
			t.Fatalf("go-ole would cut the end of %q", script)
		}
		_, here, _ := strings.Cut(script, "@\"\n")
		end := hereEnd.FindAllStringIndex(here, -1)
		if len(end) != 1 || strings.ContainsAny(here[:end[0][0]], "$`") {
			t.Fatalf("script:\n%s", script)
		}
	})
}

func TestToastTextIsBounded(t *testing.T) {
	for _, s := range []string{strings.Repeat("🔔", 5000), strings.Repeat("a", 5000), strings.Repeat("é<", 5000)} {
		got := toastText(s, 1000)
		if len(got) > 1000 || !utf8.ValidString(got) {
			t.Errorf("%d bytes", len(got))
		}
		doc, _ := renderToast(t, got, "b", "")
		if _, texts, err := parseToast(doc); err != nil || !strings.HasPrefix(s, texts[0]) || texts[0] == "" {
			t.Errorf("%q, %v", texts, err)
		}
	}
}

func TestToastIcon(t *testing.T) {
	for path, want := range map[string]bool{
		`C:\Users\Zoë Müller\AppData\Local\bellwire (2)\icon.png`: true,
		`C:\Users\Tom & Jerry\icon.png`:                           false,
		`C:\Users\O'Neil\icon.png`:                                false,
		`C:\Users\$(calc)\icon.png`:                               false,
		"C:\\Users\\`n\\icon.png":                                 false,
		"":                                                        true,
	} {
		if got := toastIcon(path); got != path && want || got != "" && !want {
			t.Errorf("%q became %q", path, got)
		}
	}
}

var goEscape = regexp.MustCompile(`\\.`)

func TestTextForMacOS(t *testing.T) {
	p := portable{os: "darwin", o: Options{AppName: "Bellwire", Icon: "/icon.png"}}
	rapid.Check(t, func(t *rapid.T) {
		head, body, _ := p.text(Notification{Title: nasty().Draw(t, "title"), Body: nasty().Draw(t, "body")})
		for _, s := range []string{head, body} {
			if s == "" || strings.ContainsAny(s[:1], "-([{<\"'\\@") {
				t.Fatalf("a command line would misread %q", s)
			}
			for _, e := range goEscape.FindAllString(fmt.Sprintf("%q", s), -1) {
				if e != `\\` && e != `\"` && e != `\n` {
					t.Fatalf("AppleScript does not know %q in %q", e, s)
				}
			}
		}
	})
}

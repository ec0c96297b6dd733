package notify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSafeLink(t *testing.T) {
	tests := map[string]string{ // "" is refused
		"https://example.org/a?b=c&d=%20#e":                      "https://example.org/a?b=c&d=%20#e",
		"http://[::1]:8080/":                                     "http://[::1]:8080/",
		"HTTPS://example.org/":                                   "https://example.org/",
		"https://example.org/$(x)`y`;z|w":                        "https://example.org/$%28x%29%60y%60;z%7Cw",
		"https://例え.jp/路":                                        "https://%E4%BE%8B%E3%81%88.jp/%E8%B7%AF",
		"https://example.org/a b\"c":                             "https://example.org/a%20b%22c",
		"mailto:a@example.org":                                   "mailto:a@example.org",
		"mailto:a@example.org?subject=hi&attach=/etc/passwd":     "mailto:a@example.org?subject=hi",
		"mailto:a@example.org?Attachment=/etc/passwd&body=x%0Ay": "mailto:a@example.org?body=x%0Ay",
		"file:///etc/passwd":                                     "",
		"javascript:alert(1)":                                    "",
		"https:":                                                 "",
		"https:example.org":                                      "",
		"https:///path":                                          "",
		"http://:80/":                                            "",
		"//example.org/":                                         "",
		"/usr/bin/id":                                            "",
		"--help":                                                 "",
		"-a https://example.org/":                                "",
		"":                                                       "",
		" https://example.org/":                                  "",
		"https://example.org/\n--x":                              "",
		"https://example.org/?q=a b":                             "",
		"https://example.org/?q=\"":                              "",
		"https://exa mple.org/":                                  "",
		"mailto:":                                                "",
		"mailto://host/x":                                        "",
		"smb://host/share":                                       "",
		"vscode://file/x":                                        "",
		"https://example.org/" + strings.Repeat("a", maxLink): "",
	}
	for in, want := range tests {
		got, err := safeLink(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.60q became %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestSafeLinkIsOneHarmlessWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SampledFrom([]string{"https://h/", "https://h/?", "https://h/#", "https://", "mailto:", "mailto:a@b?", ""}).Draw(t, "start") + nasty().Draw(t, "rest")
		got, err := safeLink(in)
		if err != nil {
			return
		}
		if strings.ContainsAny(got, " \t\r\n\"\\\x00") || !strings.HasPrefix(got, "http") && !strings.HasPrefix(got, "mailto:") {
			t.Fatalf("%q became %q", in, got)
		}
		if again, err := safeLink(got); err != nil || again != got {
			t.Fatalf("%q became %q, %v", got, again, err)
		}
	})
}

func TestOpener(t *testing.T) {
	const link = "https://example.org/"
	for goos, want := range map[string][]string{
		"windows": {"rundll32", "url.dll,FileProtocolHandler", link},
		"darwin":  {"open", link},
		"linux":   {"xdg-open", link},
		"freebsd": {"xdg-open", link},
	} {
		if d := cmp.Diff(want, opener(goos, link)); d != "" {
			t.Errorf("%s: %s", goos, d)
		}
	}
}

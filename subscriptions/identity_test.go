package subscriptions

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is taken out of a feed and presented again makes the same requests.
func TestTakeSecretsAndPresentThem(t *testing.T) {
	for name, tc := range map[string]struct {
		feed   Feed
		taken  []string // by:name=value
		stored string   // the address left
		url    string   // the address asked in the end
		header http.Header
	}{
		"nothing secret": {
			feed:   Feed{URL: "http://x/e?b=%20&topic=t", Headers: []Header{{"Accept-Language", "de"}}},
			stored: "http://x/e?b=%20&topic=t", url: "http://x/e?b=%20&topic=t",
			header: http.Header{"Accept-Language": {"de"}},
		},
		"headers": {
			feed:   Feed{URL: "http://x/a%2fb", Headers: []Header{{"authorization", "Bearer a"}, {"X-Gotify-Key", "b"}, {"X-Trace", "t"}, {"Cookie", "c=d"}}},
			taken:  []string{"header:authorization=Bearer a", "header:X-Gotify-Key=b", "header:Cookie=c=d"},
			stored: "http://x/a%2fb", url: "http://x/a%2fb",
			header: http.Header{"Authorization": {"Bearer a"}, "X-Gotify-Key": {"b"}, "Cookie": {"c=d"}, "X-Trace": {"t"}},
		},
		"a bad escape": {
			feed:   Feed{URL: "http://x/e?token=a%&b=1"},
			taken:  []string{"query:token=a%"},
			stored: "http://x/e?token=***&b=1", url: "http://x/e?token=a%25&b=1",
			header: http.Header{},
		},
		"user": {
			feed:   Feed{URL: "wss://u%40x:p%3Aw@x/e"},
			taken:  []string{"basic:=u@x:p:w"},
			stored: "wss://***@x/e", url: "wss://x/e",
			header: http.Header{"Authorization": {"Basic dUB4OnA6dw=="}},
		},
		"user alone": {
			feed:   Feed{URL: "http://token@x/"},
			taken:  []string{"basic:=token:"},
			stored: "http://***@x/", url: "http://x/",
			header: http.Header{"Authorization": {"Basic dG9rZW46"}},
		},
		"a header goes before an address": {
			feed:   Feed{URL: "http://u:p@x/", Headers: []Header{{"Authorization", "Bearer a"}}},
			taken:  []string{"header:Authorization=Bearer a", "basic:=u:p"},
			stored: "http://***@x/", url: "http://x/",
			header: http.Header{"Authorization": {"Bearer a"}},
		},
		"parameters": {
			feed:   Feed{URL: "http://x/e?a=1&token=x%26y&b=%20&token=z&Key="},
			taken:  []string{"query:token=x&y", "query:token=z"},
			stored: "http://x/e?a=1&token=***&b=%20&token=***&Key=", url: "http://x/e?a=1&token=x%26y&b=%20&token=z&Key=",
			header: http.Header{},
		},
		"proxy": {
			feed:   Feed{URL: "http://x/", Proxy: "socks5://u:p@y:1080"},
			taken:  []string{"proxy:=u:p"},
			stored: "http://x/", url: "http://x/", header: http.Header{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := tc.feed
			given := f.TakeSecrets()
			var taken []string
			for _, g := range given {
				taken = append(taken, string(g.By)+":"+g.Name+"="+g.Value)
			}
			if diff := cmp.Diff(tc.taken, taken); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
			if f.URL != tc.stored {
				t.Errorf("stored as %s, want %s", f.URL, tc.stored)
			}
			if again := f.TakeSecrets(); len(again) > 0 {
				t.Errorf("taken twice: %v", again)
			}
			if RedactURL(f.URL) != RedactURL(tc.feed.URL) && !strings.Contains(tc.feed.URL, "Key=") {
				t.Errorf("shown as %s, was %s", RedactURL(f.URL), RedactURL(tc.feed.URL))
			}
			target, err := NewTarget(f, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range given {
				if g.By == AuthProxy {
					if f.Proxy != "socks5://***@y:1080" {
						t.Errorf("proxy %s", f.Proxy)
					}
					continue
				}
				if err := target.Present(g.Credential, g.Value); err != nil {
					t.Error(err)
				}
			}
			if target.URL != tc.url {
				t.Errorf("asks %s, want %s", target.URL, tc.url)
			}
			if diff := cmp.Diff(tc.header, target.Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIdentityIsValidated(t *testing.T) {
	pin := strings.Repeat("0a", 32)
	file, err := filepath.Abs("a") // with a drive where there are drives
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		feed Feed
		err  string // empty: fine
	}{
		"all of it": {Feed{
			Auth:  []Credential{{AuthBearer, "", "env:A"}, {AuthBasic, "ann", SecretRef("file:" + file)}, {AuthQuery, "k", `command:["a"]`}, {AuthCookie, "c", "keyring:x"}, {AuthHeader, "H", "stored:y"}, {AuthProxy, "", "env:B"}},
			TLS:   TLS{CAFile: file, Pins: []string{pin}, CertFile: file, KeyFile: file},
			Proxy: "socks5://x:1080",
		}, ""},
		"no proxy":             {Feed{Proxy: ProxyNone}, ""},
		"colon in the user":    {Feed{Auth: []Credential{{AuthBasic, "a:b", "env:A"}}}, "user name"},
		"nameless query":       {Feed{Auth: []Credential{{AuthQuery, "", "env:A"}}}, "parameter"},
		"bad cookie":           {Feed{Auth: []Credential{{AuthCookie, "a b", "env:A"}}}, "cookie name"},
		"bad kind":             {Feed{Auth: []Credential{{"dance", "", "env:A"}}}, "dance"},
		"named bearer":         {Feed{Auth: []Credential{{AuthBearer, "x", "env:A"}}}, "no name"},
		"secret itself":        {Feed{Auth: []Credential{{AuthBearer, "", "hush"}}}, "a secret is named by"},
		"relative file":        {Feed{Auth: []Credential{{AuthBearer, "", "file:a"}}}, "absolute"},
		"shell line":           {Feed{Auth: []Credential{{AuthBearer, "", "command:echo hush"}}}, "JSON array"},
		"empty command":        {Feed{Auth: []Credential{{AuthBearer, "", "command:[]"}}}, "JSON array"},
		"variable with equals": {Feed{Auth: []Credential{{AuthBearer, "", "env:A=hush"}}}, "a secret is named by"},
		"too many":             {Feed{Auth: make([]Credential, MaxCredentials+1)}, "credentials"},
		"short pin":            {Feed{TLS: TLS{Pins: []string{"0a"}}}, "SHA-256"},
		"upper-case pin":       {Feed{TLS: TLS{Pins: []string{strings.ToUpper(pin)}}}, "SHA-256"},
		"key without":          {Feed{TLS: TLS{KeyFile: "/k"}}, "go together"},
		"relative authority":   {Feed{TLS: TLS{CAFile: "ca.pem"}}, "absolute"},
		"proxy of mail":        {Feed{Proxy: "ftp://ann:hush@x"}, "a proxy is"},
		"proxy nowhere":        {Feed{Proxy: "http://"}, "a proxy is"},
	} {
		t.Run(name, func(t *testing.T) {
			f := tc.feed
			f.URL, f.Transport = "https://x/", TransportSSE
			err := f.Validate()
			if (err == nil) != (tc.err == "") || err != nil && (!strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("error %v, want %q", err, tc.err)
			}
		})
	}
}

func TestSecretRefAsShown(t *testing.T) {
	for ref, want := range map[SecretRef]string{
		"keyring:a-XYZ": "keyring", "stored:a-XYZ": "file", "env:A": "env:A", "file:/a": "file:/a",
		`command:["curl","-u","hush"]`: "command:curl", "command:hush": "command",
	} {
		if got := ref.String(); got != want {
			t.Errorf("%s is shown as %q, want %q", string(ref), got, want)
		}
	}
}

// Certificates are for a feed's own origin.
func TestTLSFor(t *testing.T) {
	own := &tls.Config{MinVersion: tls.VersionTLS13}
	for name, tc := range map[string]struct {
		target, to string
		own        bool
	}{
		"itself":         {"https://x/a?b", "https://x/c", true},
		"explicit port":  {"https://x/", "https://X:443/", true},
		"websocket":      {"wss://x/", "https://x/", true},
		"upgraded":       {"ws://x/", "https://x/", true},
		"other host":     {"https://x/", "https://y/", false},
		"other port":     {"https://x/", "https://x:444/", false},
		"subdomain":      {"https://x/", "https://a.x/", false},
		"without a port": {"https://x:8443/", "https://x/", false},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(tc.to)
			if err != nil {
				t.Fatal(err)
			}
			target := Target{URL: tc.target, TLS: own}
			if got := target.TLSFor(u); (got == own) != tc.own || got != nil && got != own {
				t.Errorf("own: %v, want %v", got == own, tc.own)
			}
		})
	}
}

package subscriptions

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is taken out of frames and presented again makes the same frames.
func TestTakeSecretsOutOfFrames(t *testing.T) {
	for name, tc := range map[string]struct {
		frames, stored []string
		taken          string // empty: nothing
	}{
		"nothing secret":           {[]string{`{"type":"join","room":"a"}`}, []string{`{"type":"join","room":"a"}`}, ""},
		"Home Assistant":           {[]string{`{"type":"auth","access_token":"hush"}`, `{"id":1,"type":"subscribe_events"}`}, []string{`{"type":"auth","access_token":"{{ secret }}"}`, `{"id":1,"type":"subscribe_events"}`}, "hush"},
		"Socket.IO":                {[]string{`40{"token" : "hush"}`}, []string{`40{"token" : "{{ secret }}"}`}, "hush"},
		"with escapes":             {[]string{`{"pass\u0077ord":"a\"b\u00e9\\"}`}, []string{`{"pass\u0077ord":"{{ secret }}"}`}, `a"bé\`},
		"deep, twice, many frames": {[]string{`[{"x":{"client_secret":"hush"}},{"jwt":"hush"}]`, `{"token":"hush"}`}, []string{`[{"x":{"client_secret":"{{ secret }}"}},{"jwt":"{{ secret }}"}]`, `{"token":"{{ secret }}"}`}, "hush"},
		"beside an unquoted hole":  {[]string{`{"last":{{ cursor }},"apiKey":"hush"}`}, []string{`{"last":{{ cursor }},"apiKey":"{{ secret }}"}`}, "hush"},
		"in an expression":         {[]string{`40{{ cursor != "" ? cursor : json({"token": "hush", "x": {"y": 1}}) }}`}, []string{`40{{ cursor != "" ? cursor : json({"token": secret, "x": {"y": 1}}) }}`}, "hush"},
		"last in an expression":    {[]string{`{{ json({"token": "hush"}) }}`, `{"token":"hush"}`}, []string{`{{ json({"token": secret}) }}`, `{"token":"{{ secret }}"}`}, "hush"},
		"a part of an expression":  {[]string{`{"token":"{{ n == 1 ? "a" : "b" }}","payload":{{ secret == "" ? "{}" : json({"Authorization": "Bearer " + secret}) }}}`}, []string{`{"token":"{{ n == 1 ? "a" : "b" }}","payload":{{ secret == "" ? "{}" : json({"Authorization": "Bearer " + secret}) }}}`}, ""},
		"a hole already":           {[]string{`{"token":"Bearer {{secret}}","key":"{{ cursor }}"}`}, []string{`{"token":"Bearer {{secret}}","key":"{{ cursor }}"}`}, ""},
		"ordinary words":           {[]string{`{"author":"a","keyword":"b","session":"c","token":7,"secret":"","x":"token"}`}, []string{`{"author":"a","keyword":"b","session":"c","token":7,"secret":"","x":"token"}`}, ""},
		"a value, not a name":      {[]string{`["token","x"]`, `{"a":"token","b":"c"}`, `"token`}, []string{`["token","x"]`, `{"a":"token","b":"c"}`, `"token`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := Feed{URL: "wss://x/", Transport: TransportWebSocket, Settings: Settings{Frames: frames(tc.frames...)}}
			given := f.TakeSecrets()
			if diff := cmp.Diff(frames(tc.stored...), f.Frames); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if again := f.TakeSecrets(); len(again) > 0 {
				t.Errorf("taken twice: %v", again)
			}
			if tc.taken == "" {
				if len(given) != 0 {
					t.Errorf("taken: %v", given)
				}
				return
			}
			if len(given) != 1 || given[0].By != AuthFrame || given[0].Value != tc.taken {
				t.Fatalf("taken: %v", given)
			}
			given[0].Secret = "stored:x"
			f.Auth = []Credential{given[0].Credential}
			if err := f.Validate(); err != nil {
				t.Error(err)
			}
			target, err := NewTarget(f, "42")
			if err != nil {
				t.Fatal(err)
			}
			if err := target.Present(f.Auth[0], tc.taken); err != nil || target.FrameSecret != tc.taken {
				t.Errorf("%v, %q is presented", err, target.FrameSecret)
			}
		})
	}
}

func TestValidateFrameSecrets(t *testing.T) {
	hole, frame := `{"token":"{{ secret }}"}`, Credential{By: AuthFrame, Secret: "stored:x"}
	for name, tc := range map[string]struct {
		frames []string
		auth   []Credential
		want   string
	}{
		"both":                {[]string{hole, hole}, []Credential{frame}, ""},
		"no credential":       {[]string{hole}, nil, "a frame with {{ secret }} in it needs a secret"},
		"another credential":  {[]string{hole}, []Credential{{By: AuthBearer, Secret: "stored:x"}}, "a frame with {{ secret }} in it needs a secret"},
		"in an expression":    {[]string{`{{ json({"token": secret}) }}`}, []Credential{frame}, ""},
		"if there is one":     {[]string{`{{ secret == "" ? "" : "x" }}`}, nil, ""},
		"in an expression, 2": {[]string{`{{ json({"token": secret}) }}`}, nil, "a frame with {{ secret }} in it needs a secret"},
		"a name of another":   {[]string{`{{ memory.secret + data["secret"] + "secret" + secrets }}`}, nil, ""},
		"no hole":             {[]string{"hello"}, []Credential{frame}, "a secret for frames needs a frame with {{ secret }} in it"},
		"no frame":            {nil, []Credential{frame}, "a secret for frames needs a frame with {{ secret }} in it"},
		"two credentials":     {[]string{hole}, []Credential{frame, frame}, "the frames of a feed can hold one secret, not 2"},
		"a second one inside": {[]string{hole, `{"password":"hush"}`}, []Credential{frame}, `the frames of a feed can hold one secret, and the member "password" looks like another`},
		"a name":              {[]string{hole}, []Credential{{By: AuthFrame, Name: "x", Secret: "stored:x"}}, "a frame credential has no name"},
	} {
		f := Feed{URL: "wss://x/", Transport: TransportWebSocket, Auth: tc.auth, Settings: Settings{Frames: frames(tc.frames...)}}
		got := ""
		if err := f.Validate(); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTargetCheckRedirect(t *testing.T) {
	request := func(url string) *http.Request {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, tc := range map[string]struct {
		target Target
		to     string
		want   Code
	}{
		"silent, elsewhere":    {Target{}, "http://y/", ""},
		"frames, same server":  {Target{Talk: talker{}}, "http://x/b", ""},
		"frames, elsewhere":    {Target{Talk: talker{}}, "http://y/?token=hush", CodeRedirect},
		"heartbeat, elsewhere": {Target{Heartbeat: Heartbeat{Send: "a"}}, "http://x:81/", CodeRedirect},
		"no web address":       {Target{}, "ftp://x/", CodeRedirect},
	} {
		err := tc.target.CheckRedirect(request(tc.to), []*http.Request{request("http://x/a")})
		if (err == nil) != (tc.want == "") || err != nil && (AsError(err).Code != tc.want || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type talker struct{ Talk }

func frames(texts ...string) (out []Frame) {
	for _, text := range texts {
		out = append(out, Frame{Send: text})
	}
	return out
}

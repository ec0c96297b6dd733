package subscriptions

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Holes in frames. Blanks inside the braces do not matter.
const (
	// CursorHole stands for the cursor in a frame or a backfill's address.
	CursorHole = "{{ cursor }}"
	// SecretHole stands for the secret of the feed's [AuthFrame] in a frame.
	SecretHole = "{{ secret }}"

	cursorName = "cursor"
	secretName = "secret"
)

// oneSecret is the way out where a server wants several.
const oneSecret = "Show the other one as a header or in the address, if the server takes it there: --secret-header NAME, --token-query PARAM."

// A mistake is something about a feed that a person has to mend, and how.
type mistake struct {
	error
	hint string
}

// Hint says what a person can do about it.
func (m mistake) Hint() string { return m.hint }

func mend(hint, format string, args ...any) error {
	return mistake{fmt.Errorf(format, args...), hint}
}

func (f *Feed) validateFrames() error {
	if len(f.Frames) > 0 && !f.Transport.mayBe(TransportWebSocket) {
		return mend("Use a ws:// or wss:// address, or --transport websocket.", "only a feed of the kind websocket sends frames")
	}
	if len(f.Frames) > MaxFrames {
		return fmt.Errorf("more than %d frames", MaxFrames)
	}
	for _, frame := range f.Frames {
		if len(frame.Send) > MaxFrame || frame.Send == "" {
			return fmt.Errorf("a frame must have 1 to %d bytes", MaxFrame)
		}
	}
	return f.validateFrameSecret()
}

// validateFrameSecret is about a feed whose secrets have been taken: what is
// left in its frames would be stored and shown.
func (f *Feed) validateFrameSecret() error {
	credentials := 0
	for _, c := range f.Auth {
		if c.By == AuthFrame {
			credentials++
		}
	}
	hole := slices.ContainsFunc(f.Frames, func(frame Frame) bool { return hasHole(frame.Send, secretName) })
	for _, frame := range f.Frames {
		if left := plainSecrets(frame.Send); len(left) > 0 {
			return mend(oneSecret, "the frames of a feed can hold one secret, and the member %q looks like another", left[0].name)
		}
	}
	switch {
	case credentials > 1:
		return mend(oneSecret, "the frames of a feed can hold one secret, not %d", credentials)
	case credentials == 1 && !hole:
		return mend(`Like this: --frame '{"type":"auth","token":"{{ secret }}"}' --token-frame`, "a secret for frames needs a frame with %s in it", SecretHole)
	case credentials == 0 && hole:
		return mend("Add --token-frame, and --secret-from if the secret is not on standard input.", "a frame with %s in it needs a secret", SecretHole)
	}
	return nil
}

// HasCursorFrame reports whether one of the frames gives the server a cursor.
func (s *Settings) HasCursorFrame() bool {
	return slices.ContainsFunc(s.Frames, func(frame Frame) bool { return hasHole(frame.Send, cursorName) })
}

// OpeningFrames are the frames to send to a server that knows the feed up to
// cursor. A cursor inside the quotes of a JSON string is escaped for there.
// Holes for the secret stay.
func (s *Settings) OpeningFrames(cursor string) []string { return openingFrames(s.Frames, cursor, "") }

// openingFrames fills cursor and secret in at once: neither is looked at for
// holes, or a server could move the secret by a cursor that has one.
func openingFrames(templates []Frame, cursor, secret string) []string {
	var frames []string
	for _, frame := range templates {
		text := frame.Send
		if cursor == "" && hasHole(text, cursorName) {
			continue
		}
		frames = append(frames, fillHoles(text, func(name string, quoted bool) (string, bool) {
			switch {
			case name == cursorName:
				return quote(cursor, quoted), true
			case name == secretName && secret != "":
				return quote(secret, quoted), true
			}
			return "", false
		}))
	}
	return frames
}

// quote writes s into a frame, where quoted says inside a JSON string.
func quote(s string, quoted bool) string {
	if !quoted {
		return s
	}
	b, _ := json.Marshal(s) // a string: cannot fail
	return string(b[1 : len(b)-1])
}

// hasHole reports whether text has a hole of this name.
func hasHole(text, name string) (found bool) {
	fillHoles(text, func(n string, _ bool) (string, bool) {
		found = found || n == name
		return "", false
	})
	return found
}

// fillHoles puts what fill has for it in every hole of text; a hole that it
// does not know stays. quoted tells it that the hole is inside a JSON string.
func fillHoles(text string, fill func(name string, quoted bool) (value string, ok bool)) string {
	var out strings.Builder
	quoted := false
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "{{")
		quoted = endsQuoted(before, quoted)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, behind, closed := strings.Cut(after, "}}")
		value, ok := "", false
		if closed {
			value, ok = fill(strings.TrimSpace(name), quoted)
		}
		if !ok {
			out.WriteString("{{")
			rest = after
			continue
		}
		out.WriteString(value)
		rest = behind
	}
}

// endsQuoted reports whether a JSON string is open behind s, where it was or
// was not before.
func endsQuoted(s string, quoted bool) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if quoted {
				i++
			}
		}
	}
	return quoted
}

// A plainSecret is the value of a member of a frame that, going by its name,
// is a credential.
type plainSecret struct {
	name, value string
	from, to    int // where the value is written, its quotes left out
}

// plainSecrets finds the credentials that are written out in a frame. The
// frame need not be JSON as a whole: holes are not, and some protocols put a
// number in front.
func plainSecrets(frame string) (found []plainSecret) {
	strs := jsonString.FindAllStringIndex(frame, -1)
	for i := 1; i < len(strs); i++ {
		key, at := strs[i-1], strs[i]
		if strings.TrimSpace(frame[key[1]:at[0]]) != ":" {
			continue
		}
		s := plainSecret{from: at[0] + 1, to: at[1] - 1}
		if json.Unmarshal([]byte(frame[key[0]:key[1]]), &s.name) != nil || !isSecretMember(s.name) {
			continue
		}
		if json.Unmarshal([]byte(frame[at[0]:at[1]]), &s.value) != nil || s.value == "" || hasHole(s.value, secretName) || hasHole(s.value, cursorName) {
			continue
		}
		found = append(found, s)
	}
	return found
}

var jsonString = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// isSecretMember is stricter than isCredential: "auth", "key" and "session"
// are parts of many names in payloads.
func isSecretMember(name string) bool {
	name = strings.ToLower(name)
	return isSecretParam(name) || slices.ContainsFunc(tellingParts, func(part string) bool {
		return !slices.Contains(vagueParts, part) && strings.Contains(name, part)
	})
}

// takeFrameSecret takes the first credential that is written out in the
// frames and leaves holes in its places; empty where there is none.
func (f *Feed) takeFrameSecret() (secret string) {
	f.Frames = slices.Clone(f.Frames)
	for i, frame := range f.Frames {
		text := frame.Send
		found := plainSecrets(text)
		if secret == "" && len(found) > 0 {
			secret = found[0].value
		}
		for _, s := range slices.Backward(found) {
			if s.value == secret {
				text = text[:s.from] + SecretHole + text[s.to:]
			}
		}
		f.Frames[i].Send = text
	}
	return secret
}

// CheckRedirect is [CheckRedirect] for t: what the feed would say once it is
// connected is for the target's own origin too.
func (t *Target) CheckRedirect(req *http.Request, via []*http.Request) error {
	if err := CheckRedirect(req, via); err != nil {
		return err
	}
	if (len(t.Frames) > 0 || t.Heartbeat.Send != "") && !sameOrigin(via[0].URL, req.URL) {
		to := printable(RedactURL(req.URL.String()), maxErrorText)
		return Failf(NeedsUser, CodeRedirect, "redirected to %s, which must not see the feed's frames", to)
	}
	return nil
}

package subscriptions

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// oneSecret is the way out where a server wants several.
const oneSecret = "Show the other one as a header or in the address, if the server takes it there: --secret-header NAME, --token-query PARAM."

// secretInFrames is the way out where a secret cannot be.
const secretInFrames = "Show it in an opening frame: --frame with {{ secret }} in it, and --token-frame."

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
	hole := slices.ContainsFunc(f.Frames, func(frame Frame) bool { return mentions(frame.Send, secretName) })
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
	case credentials == 0 && slices.ContainsFunc(f.Frames, needsSecret):
		return mend("Add --token-frame, and --secret-from if the secret is not on standard input.", "a frame with %s in it needs a secret", SecretHole)
	}
	return nil
}

// needsSecret reports whether a frame cannot do without the secret: it uses it
// and does not ask whether there is one.
func needsSecret(frame Frame) bool {
	return mentions(frame.Send, secretName) && !asksForSecret.MatchString(frame.Send)
}

var asksForSecret = regexp.MustCompile(`\bsecret\s*[!=]=\s*(""|'')`)

// HasCursorFrame reports whether one of the frames gives the server a cursor.
func (s *Settings) HasCursorFrame() bool {
	return slices.ContainsFunc(s.Frames, func(frame Frame) bool { return mentions(frame.Send, cursorName) })
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
				text = text[:s.from] + s.hole + text[s.to:]
			}
		}
		f.Frames[i].Send = text
	}
	return secret
}

// CheckRedirect is [CheckRedirect] for t: what the feed says while it is
// connected is for the target's own origin too.
func (t *Target) CheckRedirect(req *http.Request, via []*http.Request) error {
	if err := CheckRedirect(req, via); err != nil {
		return err
	}
	if (t.Talk != nil || t.Heartbeat.Send != "") && !sameOrigin(via[0].URL, req.URL) {
		to := printable(RedactURL(req.URL.String()), maxErrorText)
		return Failf(NeedsUser, CodeRedirect, "redirected to %s, which must not see what the feed says", to)
	}
	return nil
}

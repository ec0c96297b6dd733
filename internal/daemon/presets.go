package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"bellwire/forward"
	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/subscriptions/converse"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/detect"
	"bellwire/subscriptions/presets"
	"bellwire/subscriptions/sse"
	"bellwire/subscriptions/websocket"
)

// Presets reads the presets there are: Bellwire's own and those in the
// person's folder, each time anew.
func Presets(dirs Dirs) (*presets.Set, error) { return presets.Load(dirs.Presets(), compiles) }

// compiles reports what of a feed cannot be compiled.
func compiles(f subscriptions.Feed) error {
	if _, err := decode.Compile(f); err != nil {
		return err
	}
	if _, err := converse.Compile(f); err != nil {
		return err
	}
	return forward.Check(f)
}

// Presets implements [control.Daemon].
func (a *App) Presets(context.Context) (control.Presets, error) {
	set, err := Presets(a.cfg.Dirs)
	if err != nil {
		return control.Presets{}, err
	}
	out := control.Presets{Presets: []control.Preset{}}
	for _, p := range set.All() {
		out.Presets = append(out.Presets, describePreset(p))
	}
	for _, b := range set.Broken {
		out.Broken = append(out.Broken, b.Error())
	}
	return out, nil
}

func describePreset(p presets.Preset) control.Preset {
	out := control.Preset{
		Name: p.Name, Title: p.Title, About: p.About, Homepage: p.Homepage,
		Own: p.Own, Transport: p.Transport, Needs: p.Needs,
	}
	for _, name := range p.OptionNames() {
		o := p.Options[name]
		out.Options = append(out.Options, control.PresetOption{Name: name, About: o.About, Default: o.Default})
	}
	return out
}

// addTime bounds what finding out may take of adding a feed.
const addTime = 10 * time.Second

// choose gives n the settings of its preset, or of what its address turns out
// to be; as it is where it asks for neither.
func (a *App) choose(ctx context.Context, n control.NewFeed) (control.NewFeed, error) {
	switch {
	case n.Preset != "":
		set, err := Presets(a.cfg.Dirs)
		if err != nil {
			return n, err
		}
		p, ok := set.Get(n.Preset)
		if !ok {
			return n, noSuchPreset(set, n.Preset)
		}
		return fromPreset(p, n)
	case n.Options != nil:
		return n, control.Refuse(http.StatusBadRequest, "Say which: --preset NAME. See them with: bellwire presets", "options belong to a preset")
	case n.Detect && canDetect(n):
		return a.fromDetection(ctx, n)
	case slices.ContainsFunc(n.Auth, func(c control.NewCredential) bool { return c.By == "" }):
		return n, control.Refuse(http.StatusBadRequest, "Say how it is shown: --bearer, --token-query, --secret-header, or --preset NAME.", "only a preset tells how a token is shown")
	}
	return n, nil
}

func noSuchPreset(set *presets.Set, name string) error {
	for _, b := range set.Broken {
		if strings.HasSuffix(b.File, name+".yaml") {
			return control.Refuse(http.StatusBadRequest, "Mend that file. docs/presets.md says how one is written.", "%v", b)
		}
	}
	return control.Refuse(http.StatusBadRequest, "See them with: bellwire presets", "there is no preset %q", name)
}

// canDetect reports whether n leaves open what its address is. A feed with a
// proxy or certificates of its own is not asked without them.
func canDetect(n control.NewFeed) bool {
	return (n.Transport == "" || n.Transport == subscriptions.TransportAuto) && reflect.ValueOf(n.OfStream()).IsZero() &&
		n.Proxy == "" && n.TLS.IsZero() && !n.AcceptCertificate
}

// fromPreset is n as p wants it.
func fromPreset(p presets.Preset, n control.NewFeed) (control.NewFeed, error) {
	if !strings.Contains(n.URL, "://") {
		n.URL = "https://" + n.URL
	}
	f, err := p.Feed(strings.TrimSpace(n.URL), n.Options)
	if missing, ok := errors.AsType[*presets.MissingError](err); ok {
		name := missing.Options[0]
		return n, control.Refuse(http.StatusBadRequest, fmt.Sprintf("Like this: --set %s=…  %s", name, p.Options[name].About), "%v", err)
	}
	if err != nil {
		return n, control.Refuse(http.StatusBadRequest, "See it with: bellwire presets "+p.Name, "%v", err)
	}
	if f.Settings, err = merge(f.Settings, n.Settings); err != nil {
		return n, err
	}
	n.URL, n.Settings = f.URL, f.Settings
	if n.Transport == "" || n.Transport == subscriptions.TransportAuto {
		n.Transport = f.Transport
	}
	if n.Auth, err = credentials(p, n); err != nil {
		return n, err
	}
	n.Preset, n.Options = "", nil
	return n, nil
}

// credentials are n's, shown as p says where n does not.
func credentials(p presets.Preset, n control.NewFeed) ([]control.NewCredential, error) {
	auth := slices.Clone(n.Auth)
	for i := range auth {
		if auth[i].By != "" {
			continue
		}
		if len(p.Needs) == 0 {
			return nil, control.Refuse(http.StatusBadRequest, "Say how it is shown: --bearer, --token-query or --secret-header.", "the preset %s knows no credentials", p.Name)
		}
		auth[i].By, auth[i].Name = p.Needs[0].By, p.Needs[0].Name
	}
	own := slices.ContainsFunc(auth, func(c control.NewCredential) bool { return c.By != subscriptions.AuthForward })
	given := own || len(n.Headers) > 0 || subscriptions.RedactURL(n.URL) != n.URL
	if at := slices.IndexFunc(p.Needs, func(need subscriptions.Need) bool { return !need.Optional }); at >= 0 && !given {
		return nil, control.Refuse(http.StatusBadRequest, "Like this: --token - <FILE, or --token env:NAME. It is "+lowerFirst(p.Needs[at].About), "%s wants a credential", p.Title)
	}
	return auth, nil
}

func lowerFirst(s string) string {
	if s == "" {
		return "described in the server's documentation."
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// fromDetection is n as its address wants it; as it is where that is not
// clear.
func (a *App) fromDetection(ctx context.Context, n control.NewFeed) (control.NewFeed, error) {
	found, set, err := a.findOut(ctx, n)
	if err != nil || found == nil {
		return n, err
	}
	return fromChoice(set, found, n)
}

// findOut asks n's address what it is; found is nil where it does not answer:
// the feed itself will tell.
func (a *App) findOut(ctx context.Context, n control.NewFeed) (found *subscriptions.Detection, set *presets.Set, err error) {
	ctx, cancel := context.WithTimeout(ctx, addTime)
	defer cancel()
	if set, err = Presets(a.cfg.Dirs); err != nil {
		return nil, nil, err
	}
	d, err := a.detector(set, true).Detect(ctx, n.URL)
	switch {
	case err != nil && !strings.Contains(n.URL, "://"):
		return nil, nil, control.Refuse(http.StatusBadRequest, "Check the address, or write all of it, like https://example.org/events", "%v", err)
	case err != nil:
		return nil, set, nil // or the address is refused
	}
	return &d, set, nil
}

// fromChoice is n as the one candidate of found wants it; as it is where
// there is none.
func fromChoice(set *presets.Set, found *subscriptions.Detection, n control.NewFeed) (control.NewFeed, error) {
	c := found.Choice()
	switch {
	case c == nil:
		n.URL = found.Asked
		return n, nil
	case c.Preset == "":
		n.URL, n.Transport, n.Poll.Items = c.URL, c.Transport, c.Items
		return n, nil
	}
	p, _ := set.Get(c.Preset)
	n.URL = found.Asked
	out, err := fromPreset(p, n)
	if e, ok := errors.AsType[*control.Error](err); ok {
		return n, control.Refuse(e.Status, e.Hint, "this is %s: %s", p.Title, e.Message)
	}
	return out, err
}

// merge is a preset's settings with those that were given besides: what is
// named in over goes before, member by member.
func merge(base, over subscriptions.Settings) (out subscriptions.Settings, err error) {
	var a, b map[string]any
	for from, to := range map[*subscriptions.Settings]*map[string]any{&base: &a, &over: &b} {
		text, err := json.Marshal(from)
		if err != nil {
			return out, err
		}
		if err := json.Unmarshal(text, to); err != nil {
			return out, err
		}
	}
	text, err := json.Marshal(overlay(a, b))
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(text, &out)
}

func overlay(base, over map[string]any) map[string]any {
	for name, v := range over {
		if inner, ok := v.(map[string]any); ok {
			if under, ok := base[name].(map[string]any); ok {
				v = overlay(under, inner)
			}
		}
		base[name] = v
	}
	return base
}

// Probe implements [control.Daemon].
func (a *App) Probe(ctx context.Context, q control.Probe) (subscriptions.Detection, error) {
	set, err := Presets(a.cfg.Dirs)
	if err != nil {
		return subscriptions.Detection{}, err
	}
	found, err := a.detector(set, false).Detect(ctx, q.URL)
	switch e, ok := errors.AsType[*subscriptions.Error](err); {
	case ok:
		hint := e.Hint()
		if e.Class == subscriptions.Transient { // nobody keeps trying here
			hint = "Check the address and the network, or try again later."
		}
		return found, control.Refuse(http.StatusBadGateway, hint, "%s: %v", cmp.Or(subscriptions.RedactURL(found.Asked), "probing"), e)
	case err != nil:
		return found, control.Refuse(http.StatusBadRequest, "An address looks like https://example.org/events or wss://example.org/live", "%v", err)
	}
	found.Asked = subscriptions.RedactURL(found.Asked)
	for i := range found.Candidates {
		c := &found.Candidates[i]
		if c.URL != "" {
			c.URL = subscriptions.RedactURL(c.URL)
		}
	}
	return found, nil
}

// detector finds out what addresses are, with transports of their own.
func (a *App) detector(set *presets.Set, quick bool) *detect.Detector {
	return &detect.Detector{
		Presets: set.All(),
		Quick:   quick,
		Transports: func(c *http.Client) map[subscriptions.TransportName]subscriptions.Transport {
			return map[subscriptions.TransportName]subscriptions.Transport{
				subscriptions.TransportSSE:       &sse.Transport{Client: c},
				subscriptions.TransportWebSocket: &websocket.Transport{Client: c},
			}
		},
		Decode: func(f subscriptions.Feed, heard []subscriptions.Message) (events []subscriptions.Event) {
			d, err := decode.Compile(f)
			if err != nil {
				a.log.Warn("a preset does not compile", "feed", f.Name, "error", err)
				return nil
			}
			for _, m := range heard {
				events = append(events, d.Decode(m, "").Events...)
			}
			return events
		},
	}
}

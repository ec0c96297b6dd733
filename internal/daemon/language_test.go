package daemon

import (
	"testing"

	"bellwire/notify"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// The daemon speaks the language that was chosen, from its start and from
// each change on.
func TestLanguageIsFollowed(t *testing.T) {
	dir, ctx := shortDir(t), t.Context()
	start := func() (a *App, spoken *[]string, stop func()) {
		spoken = &[]string{}
		cfg := config(t, dir)
		cfg.Words.Read = "read in the system's"
		cfg.Speak = func(language string) notify.Words {
			*spoken = append(*spoken, language)
			return notify.Words{Read: "read in " + language}
		}
		a, stop = running(t, cfg)
		return a, spoken, stop
	}
	a, spoken, stop := start()
	if got := a.words.Load().Label(notify.ButtonRead); got != "read in the system's" {
		t.Errorf("says %q at first", got)
	}
	for _, p := range []subscriptions.Preferences{{Burst: 3}, {Language: "zh"}, {Language: "zh", Burst: 4}} {
		if err := a.SetPreferences(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"zh"}, *spoken); d != "" {
		t.Error(d)
	}
	if got := a.words.Load().Label(notify.ButtonRead); got != "read in zh" {
		t.Errorf("says %q", got)
	}
	stop()
	a, spoken, _ = start()
	if err := a.SetPreferences(ctx, subscriptions.Preferences{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"zh", ""}, *spoken); d != "" {
		t.Error(d)
	}
}

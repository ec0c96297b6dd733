package words_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2/lang"
	"github.com/google/go-cmp/cmp"
)

// The language is the process's, so each locale is tried in a child: this
// binary with sayEnv naming what to say.
const sayEnv = "BELLWIRE_WORDS_TEST"

// useEnv are the languages to say it in first, in their order.
const useEnv = "BELLWIRE_WORDS_USE"

func TestMain(m *testing.M) {
	if key := os.Getenv(sayEnv); key != "" {
		for _, language := range strings.Fields(os.Getenv(useEnv)) {
			words.Use(strings.Trim(language, "-")) // "-" is the system's
			os.Stdout.WriteString(words.Say(key) + " " + lang.L("Cancel") + " ")
		}
		os.Stdout.WriteString(words.Say(key))
		os.Exit(0)
	}
	time.Local = time.UTC
	if facts := os.Getenv(noticeEnv); facts != "" {
		tellNotices(facts)
		os.Exit(0)
	}
	os.Setenv("LC_ALL", "en_US.UTF-8")
	os.Exit(m.Run())
}

func TestLocales(t *testing.T) {
	for locale, want := range map[string]string{
		"en_US.UTF-8": "Yesterday",
		"C":           "Yesterday",
		"":            "Yesterday",
		"zh_CN.UTF-8": "昨天",
		"zh_SG.UTF-8": "昨天",
		"de_DE.UTF-8": "Yesterday",
		"pt_BR.UTF-8": "Yesterday",
		"fr_CA.UTF-8": "Yesterday",
		"ja_JP.UTF-8": "Yesterday",
		"nonsense":    "Yesterday",
	} {
		t.Run(locale, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), sayEnv+"=day.yesterday", "LANGUAGE=", "LC_ALL="+locale, "LC_MESSAGES=", "LANG=")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if string(out) != want {
				t.Errorf("says %q, want %q", out, want)
			}
		})
	}
}

// A chosen language goes before the system's, Fyne's own words with it; and
// the system's comes back.
func TestUse(t *testing.T) {
	for locale, want := range map[string]string{
		"en_US.UTF-8": "昨天 取消 Yesterday Cancel Yesterday Cancel Yesterday",
		"zh_CN.UTF-8": "昨天 取消 Yesterday Cancel 昨天 取消 昨天",
		"de_DE.UTF-8": "昨天 取消 Yesterday Cancel Yesterday Abbrechen Yesterday",
		"ja_JP.UTF-8": "昨天 取消 Yesterday Cancel Yesterday Cancel Yesterday",
		"C":           "昨天 取消 Yesterday Cancel Yesterday Cancel Yesterday",
	} {
		t.Run(locale, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), sayEnv+"=day.yesterday", useEnv+"=zh en -", "LANGUAGE=", "LC_ALL="+locale, "LC_MESSAGES=", "LANG=")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if string(out) != want {
				t.Errorf("says %q, want %q", out, want)
			}
		})
	}
}

// Words may be said while the language changes.
func TestUseWhileSpeaking(t *testing.T) {
	defer words.Use("")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				if got := words.Say("day.yesterday"); got != "Yesterday" && got != "昨天" {
					t.Errorf("says %q", got)
				}
			}
		})
	}
	for range 20 {
		words.Use("zh")
		words.Use("")
	}
	all.Wait()
}

func read(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLanguagesAreComplete(t *testing.T) {
	en, zh := read(t, "en.json"), read(t, "zh.json")
	keys := func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
	if d := cmp.Diff(keys(en), keys(zh)); d != "" {
		t.Errorf("keys differ (-en +zh):\n%s", d)
	}
	hole := regexp.MustCompile(`{{[^}]*}}`)
	for key, text := range zh {
		if text == "" || en[key] == "" {
			t.Errorf("%q has no words", key)
		}
		plain := hole.ReplaceAllString(text, "")
		if strings.ContainsAny(plain, ",?!;()") {
			t.Errorf("%q has half-width punctuation: %q", key, text)
		}
		if strings.HasPrefix(key, "month.") || key == "day.date" {
			continue // the languages order dates differently
		}
		if key == "notice.trouble" || key == "notice.hint" {
			continue // the daemon's own text is English
		}
		a, b := hole.FindAllString(en[key], -1), hole.FindAllString(text, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%q fills %v in English and %v in Chinese", key, a, b)
		}
	}
}

// Every key the interface uses must have words, and every word a use.
func TestKeysInUse(t *testing.T) {
	en := read(t, "en.json")
	call := regexp.MustCompile(`(?:words\.)?(Say|Count)\("([^"]+)"(\+)?|part\("([^"]+)"|//words:([\w.-]+)`)
	used, prefixes := map[string]bool{}, []string{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range call.FindAllStringSubmatch(strings.ReplaceAll(string(b), `" + `, `"+`), -1) {
			key := m[2] + m[4]
			switch {
			case m[5] != "":
				used[m[5]] = true
			case m[3] != "":
				prefixes = append(prefixes, key)
			case m[1] == "Count" || m[4] != "":
				used[key+".one"], used[key+".other"] = true, true
			default:
				used[key] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range used {
		if en[key] == "" {
			t.Errorf("%q is used and has no words", key)
		}
	}
	for key := range en {
		if !used[key] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("%q is not used", key)
		}
	}
}

func status(s subscriptions.State, next time.Time) control.Feed {
	return control.Feed{Status: subscriptions.Status{State: s, Next: next}}
}

func TestSummary(t *testing.T) {
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	live := status(subscriptions.StateOpen, time.Time{})
	for name, c := range map[string]struct {
		feeds []control.Feed
		now   time.Time
		want  string
	}{
		"none": {nil, now, "No feeds yet"},
		"the soonest try counts": {
			[]control.Feed{live, status(subscriptions.StateWaiting, now.Add(time.Minute)), status(subscriptions.StateWaiting, now.Add(11500*time.Millisecond))},
			now, "1 live · 2 waiting, next try in 12 s",
		},
		"no clock, no countdown": {
			[]control.Feed{status(subscriptions.StateWaiting, now.Add(time.Minute))}, time.Time{}, "1 waiting",
		},
		"everything": {
			[]control.Feed{
				live, live, status(subscriptions.StateConnecting, time.Time{}), status(subscriptions.StateBlocked, time.Time{}),
				status(subscriptions.StateBlocked, time.Time{}), status(subscriptions.StateEnded, time.Time{}), status(subscriptions.StatePaused, time.Time{}),
			},
			now, "2 live · 1 connecting · 2 need you · 1 ended · 1 paused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := words.Summary(c.feeds, c.now); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStateInFull(t *testing.T) {
	now := time.Date(2025, 3, 1, 12, 30, 0, 0, time.UTC)
	since := func(s subscriptions.State, ago time.Duration, code subscriptions.Code) subscriptions.Status {
		return subscriptions.Status{State: s, Since: now.Add(-ago), Code: code, Next: now.Add(time.Minute)}
	}
	for name, c := range map[string]struct {
		status subscriptions.Status
		want   string
	}{
		"live":            {since(subscriptions.StateOpen, time.Hour, ""), "live, since 11:30"},
		"since yesterday": {since(subscriptions.StateOpen, 24*time.Hour, ""), "live, since yesterday, 12:30"},
		"for long":        {since(subscriptions.StatePaused, 72*time.Hour, "lost"), "paused, since Wednesday 26 February 2025, 12:30"},
		"no countdown":    {since(subscriptions.StateWaiting, time.Hour, "lost"), "waiting to reconnect · the connection was lost, since 11:30"},
		"needs you":       {since(subscriptions.StateBlocked, time.Hour, "gone"), "needs you: the stream is gone for good, since 11:30"},
		"nobody knows":    {subscriptions.Status{}, "unknown while Bellwire is not running"},
		"no time":         {subscriptions.Status{State: subscriptions.StateConnecting}, "connecting"},
	} {
		if got := words.StateInFull(c.status, now); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2025, 3, 1, 0, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct{ got, want string }{
		"today":             {words.Day(now.Add(23*time.Hour), now), "Today"},
		"yesterday":         {words.Day(now.Add(-time.Hour), now), "Yesterday"},
		"a date":            {words.Day(now.AddDate(0, 0, -2), now), "Thursday 27 February 2025"},
		"the whole moment":  {words.Moment(now, now), "Today, 00:30:00"},
		"less than nothing": {words.Span(-time.Hour), "1 s"},
		"seconds round up":  {words.Span(11*time.Second + 1), "12 s"},
		"minutes":           {words.Span(24 * time.Minute), "24 min"},
		"hours":             {words.Span(3 * time.Hour), "3 h"},
		"paused today":      {words.Paused(now.Add(time.Hour), now), "notifications paused until 01:30"},
		"paused for longer": {words.Paused(now.AddDate(0, 0, 2), now), "notifications paused until Monday 3 March 2025, 00:30"},
		"not paused":        {words.Paused(now, now), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestEveryCodeHasWords(t *testing.T) {
	for _, code := range []subscriptions.Code{
		"closed", "lost", "unreachable", "timeout", "busy", "server", "unauthorized", "forbidden", "not-found",
		"gone", "not-a-stream", "certificate", "redirect", "protocol", "ended", "bad-feed", "identity", "storage", "gave-up",
	} {
		s := subscriptions.Status{Code: code, Error: "raw", Hint: "raw"}
		if got := words.Trouble(s); got == "raw" || strings.HasPrefix(got, "trouble.") {
			t.Errorf("%q: %q", code, got)
		}
		if got := words.Hint(s); got == "raw" || strings.HasPrefix(got, "hint.") {
			t.Errorf("%q: %q", code, got)
		}
	}
	s := subscriptions.Status{Code: "from the future", Error: "the error", Hint: "the hint"}
	if words.Trouble(s) != "the error" || words.Hint(s) != "the hint" {
		t.Error("an unknown code is not told in the daemon's words")
	}
}

// vocabulary is every value of a type that subscriptions/delivery.go names.
func vocabulary(t *testing.T, kind string) (values []string) {
	t.Helper()
	b, err := os.ReadFile("../../subscriptions/delivery.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\s+\w+\s+`+kind+`\s+= "([^"]+)"`).FindAllStringSubmatch(string(b), -1) {
		values = append(values, m[1])
	}
	if len(values) < 10 {
		t.Fatalf("found only %v", values)
	}
	return values
}

func TestEveryStepHasWords(t *testing.T) {
	en := read(t, "en.json")
	for prefix, kind := range map[string]string{"step.": "StepKind", "reason.": "Reason"} {
		for _, value := range vocabulary(t, kind) {
			if en[prefix+value] == "" {
				t.Errorf("no words for the %s %q", kind, value)
			}
		}
	}
}

func TestSteps(t *testing.T) {
	at := time.Date(2025, 6, 3, 22, 0, 0, 0, time.UTC)
	d := control.Delivery{Summaries: map[int64]subscriptions.Summary{17: {ID: 17, Title: "14 events", End: subscriptions.StepExpired}}}
	step := func(what subscriptions.StepKind, why subscriptions.Reason, detail string) string {
		return words.Step(d, subscriptions.Step{At: at, What: what, Why: why, Detail: detail, Summary: 17})
	}
	for got, want := range map[string]string{
		step(subscriptions.StepReceived, "", ""):                                         "received",
		step(subscriptions.StepFiltered, subscriptions.ReasonPriority, "4"):              "not notified: below the feed's least priority (4)",
		step(subscriptions.StepHeld, subscriptions.ReasonQuiet, "2025-06-04T07:00:00Z"):  "held: quiet hours, until 07:00",
		step(subscriptions.StepHeld, subscriptions.ReasonMuted, "2025-06-05T07:00:00Z"):  "held: muted, until Thursday 5 June 2025, 07:00",
		step(subscriptions.StepHeld, subscriptions.ReasonPaused, "9999-12-31T00:00:00Z"): "held: paused",
		step(subscriptions.StepHeld, subscriptions.ReasonDND, "until the desktop says"):  "held: do-not-disturb (until the desktop says)",
		step(subscriptions.StepDigested, subscriptions.ReasonBudget, ""):                 "told in a summary (too many at once): 14 events",
		step(subscriptions.StepShown, "", "freedesktop"):                                 "shown by freedesktop",
		step(subscriptions.StepShown, "", ""):                                            "shown",
		step(subscriptions.StepClicked, "", "Open"):                                      "clicked (Open)",
		step(subscriptions.StepFailed, "", "no"):                                         "failed: no",
		step(subscriptions.StepForwarded, "", "pager"):                                   "sent on to pager",
		step(subscriptions.StepKept, subscriptions.ReasonLoop, "pager"):                  "not sent on to pager: it has been here before",
		step(subscriptions.StepKept, subscriptions.ReasonForwardPriority, "pager"):       "not sent on to pager: below its least priority",
		step(subscriptions.StepKept, subscriptions.ReasonForwardCondition, "pager"):      "not sent on to pager: its condition does not hold",
		words.SummaryEnd(d.Summaries[17]):                                                "that summary was cleared after its time",
		words.SummaryEnd(subscriptions.Summary{}):                                        "",
		words.Owed(control.Delivery{Owed: true, Held: true}):                             "it is held still",
		words.Owed(control.Delivery{Owed: true, Waiting: "no bus"}):                      "still to be shown; it waits: no bus",
		words.Owed(control.Delivery{Owed: true}):                                         "still to be shown",
		words.Muted(control.Forever, at):                                                 "muted",
		words.Muted(at.Add(3*time.Hour), at):                                             "muted until 01:00",
		words.Muted(at.Add(72*time.Hour), at):                                            "muted until Friday 6 June 2025, 22:00",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := words.Muted(at, at); got != "" {
		t.Errorf("muted no longer, and says %q", got)
	}
}

func BenchmarkSay(b *testing.B) {
	words.Say("day.today")
	for b.Loop() {
		words.Say("summary.live.other", words.With{"N": 3})
	}
}

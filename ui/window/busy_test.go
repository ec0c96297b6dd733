package window

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
)

// busyFeeds are five folders of eight feeds.
var busyFeeds = map[string][]string{
	"Work":    {"ci", "deploys", "GitHub reviews", "Incident channel", "On-call rota", "Grafana alerts", "Sentry", "Build cache of the whole company"},
	"Home":    {"Home Assistant", "Doorbell", "Washing machine", "Heating", "Garden", "Solar panels", "Car", "Router"},
	"News":    {"Wikipedia changes", "Hacker News", "Lobsters", "LWN", "Earthquakes", "Weather warnings", "Trains", "Election results"},
	"Money":   {"stocks", "crypto ticker", "Bank", "Invoices", "Expenses", "Currency", "Energy prices", "Auctions"},
	"Servers": {"backup", "disk", "certificates", "uptime", "mail", "queue", "database", "cron"},
}

// busy is a daemon as it is after some weeks: forty feeds in five folders and
// five hundred events of the shapes that servers send.
func busy() *fake {
	f := newFake()
	colours := []string{"", "blue", "", "green", "orange", "", "purple", "red"}
	icons := []string{"🚀", "", "🐙", "", "📟", "📈", "", ""}
	f.desk.activity = control.Activity{Until: noon.Add(time.Minute), Feeds: map[string][]int64{}}
	for _, folder := range []string{"Work", "Home", "News", "Money", "Servers"} {
		for i, name := range busyFeeds[folder] {
			g := feedIn(name, name, subscriptions.StateOpen)
			g.Since, g.Look = noon.Add(-3*time.Hour), subscriptions.Look{Folder: folder, Colour: colours[i], Icon: icons[i]}
			switch {
			case i == 3:
				g.Unread = 12
			case i == 0:
				g.Unread = 1204
			case i == 5 && folder == "Work":
				g.State, g.Code, g.Next = subscriptions.StateWaiting, subscriptions.CodeUnreachable, noon.Add(42*time.Second)
			case i == 6 && folder == "Work":
				g.State, g.Code = subscriptions.StateBlocked, subscriptions.CodeUnauthorized
			}
			counts := make([]int64, control.ActivityHours)
			for hour := range counts {
				counts[hour] = int64(hour * (i + 3) % 11 * ((i + 1) % 4))
			}
			f.desk.activity.Feeds[g.ID] = counts
			f.status.Unread += g.Unread
			f.status.Feeds = append(f.status.Feeds, g)
		}
	}
	f.desk.searches = []control.SavedSearch{{Name: "Failures", Text: "failed"}, {Name: "Mentions of me", Text: "@ana"}}
	shapes := busyEvents()
	for i := range 500 {
		e := shapes[(499-i)%len(shapes)]
		e.Seq, e.Received, e.Read = int64(i+1), noon.Add(-time.Duration(499-i)*17*time.Minute), (499-i)%3 != 0
		if e.Kind == "" {
			e.Kind = subscriptions.KindEvent
		}
		f.events = append(f.events, e)
	}
	f.status.Events, f.status.LastSeq = 500, 500
	return f
}

func busyEvents() []subscriptions.Event {
	return []subscriptions.Event{
		{Feed: "ci", Title: "Deploy 412 failed", Body: "step \"test\" exit 1: TestLoginWithExpiredToken (0.42s)", Priority: 5, Link: "https://ci.example.org/412", Tags: []string{"deploy", "main"}, Raw: `{"id":412,"branch":"main","ok":false,"steps":[{"name":"build","seconds":41.2},{"name":"test","seconds":12.8,"exit":1}]}`},
		{Feed: "GitHub reviews", Title: "ana requested changes on #2214: window: keep the place of the list while older rows are loaded above it", Body: "The anchor is lost when the day heading changes.", Priority: 3, Link: "https://github.com/example/bellwire/pull/2214", Raw: `{"action":"submitted","review":{"state":"changes_requested","user":{"login":"ana"}},"pull_request":{"number":2214,"title":"window: keep the place"}}`},
		{Feed: "Home Assistant", Title: "binary_sensor.front_door", Body: "off → on", Priority: 4},
		{Feed: "Washing machine", Title: "🏠 Washing machine finished", Body: "Cotton 60 °C, 1 h 48 min, 0.9 kWh", Priority: 2},
		{Feed: "Wikipedia changes", Title: "Liste der Baudenkmäler in Übersee", Body: "Änderung von 203.0.113.7: Überschrift, Einzelnachweise (+1 204 bytes)", Priority: 1},
		{Feed: "Grafana alerts", Title: "[FIRING:2] DiskWillFillIn4Hours (instance=\"db-03\", severity=\"page\")", Body: "https://grafana.example.org/alerting/list\n/var/lib/postgresql is 91 % full", Priority: 5},
		{Feed: "stocks", Title: "ACME 123.45 ▲ 0.8 %", Body: "", Priority: 3},
		{Feed: "backup", Title: "backup completed", Body: "repo s3:backup, 12 481 files, 3.2 GiB added, 1 warning", Priority: 3},
		{Feed: "Earthquakes", Title: "M 5.1 – 41 km SSE of Sand Point, Alaska", Body: "Depth 32 km", Priority: 4},
		{Feed: "crypto ticker", Title: `{"e":"trade","s":"BTCUSDT","p":"64213.11","q":"0.00140"}`, Body: "", Priority: 3},
		{Feed: "Incident channel", Title: "Новый инцидент: задержка очереди", Body: "Очередь растёт с 11:42", Priority: 4},
	}
}

func openBusy(t *testing.T, f *fake, width, height float32) *harness {
	t.Helper()
	h := openFurnished(t, f)
	h.win.Resize(fyne.NewSize(width, height))
	h.settled()
	return h
}

func TestBusyPages(t *testing.T) {
	for name, c := range map[string]struct {
		width, height float32
		do            func(*harness)
	}{
		"busy":               {1180, 760, func(h *harness) { h.selectEvent(494); h.read(494) }},
		"busy-wide":          {1600, 1000, func(h *harness) { h.selectEvent(500); h.read(500) }},
		"busy-narrow":        {880, 560, func(h *harness) {}},
		"busy-narrow-detail": {880, 560, func(h *harness) { h.selectEvent(491); h.read(491) }},
		"busy-unread": {1180, 760, func(h *harness) {
			h.setUnread(true)
			h.until("unread", func() bool { return len(h.events.hist.rows) > 0 && !h.events.hist.rows[1].read })
			h.settled()
			h.win.Canvas().Focus(h.sidebar.rows[5])
		}},
		"busy-found": {1180, 760, func(h *harness) {
			h.typed("/failed")
			h.key(fyne.KeyReturn)
			h.until("found", func() bool { return h.events.view.text == "failed" && !h.events.opening })
			h.settled()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := openBusy(t, busy(), c.width, c.height)
			c.do(h)
			h.golden(name)
		})
	}
}

// Text of any script is drawn. How depends on the fonts there are, so that it
// can only be looked at.
func TestStrangePages(t *testing.T) {
	f := busy()
	for i, text := range []string{
		"اكتمل النسخ الاحتياطي للخادم الرئيسي بنجاح في الساعة العاشرة", "הגיבוי הושלם: 12 קבצים", "x", "部署 412 失败：测试步骤退出码 1，最近一次通过的是 411", "ビルド 411 が成功しました 🎉🎉🎉", "👨‍👩‍👧‍👦🏳️‍🌈 family at the door", "e\u0301\u0301\u0301 combining", "[ALERT] " + strings.Repeat("long words of a title ", 12), strings.Repeat("nobreakatall", 60),
	} {
		e := &f.events[499-i]
		e.Title, e.Body = text, text+"\n\n"+fmt.Sprint(text, " ", text)
	}
	f.status.Feeds[3].Name, f.status.Feeds[3].Look.Icon = "监控告警", "警"
	f.status.Feeds[4].Name = "خادم"
	for name, seq := range map[string]int64{"strange-cjk": 497, "strange-rtl": 500, "strange-long": 494} {
		t.Run(name, func(t *testing.T) {
			h := openBusy(t, f, 1180, 760)
			h.selectEvent(seq)
			h.read(seq)
			h.draw(name)
		})
	}
}

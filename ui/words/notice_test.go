package words_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"github.com/google/go-cmp/cmp"
)

// noticeEnv is like sayEnv: the facts of notices to tell, one a line.
const noticeEnv = "BELLWIRE_WORDS_TEST_NOTICE"

// tellNotices writes what they say, with an empty line after each.
func tellNotices(facts string) {
	for raw := range strings.Lines(facts) {
		title, body, _ := words.Notice(subscriptions.Event{Kind: subscriptions.KindNotice, Raw: raw})
		os.Stdout.WriteString(title + "\n" + body + "\n\n")
	}
}

// That the English is the daemon's is tested where both are known.
func TestNoticeInChinese(t *testing.T) {
	const (
		a = `{"name":"部署","since":"2025-06-03T08:05:00Z","for":"26h0m0s","state":"blocked","code":"unauthorized","error":"the server answers 401 Unauthorized","hint":"x"}`
		b = `{"name":"Backups","since":"2025-06-03T08:05:00Z","for":"45s","state":"waiting","error":"no route to host"}`
		c = `{"name":"Metrics","since":"2025-06-03T08:05:00Z","for":"1h20m0s","state":"ended"}`
	)
	cases := []struct{ name, facts, want string }{
		{"test", `{"type":"test","count":0}`, "测试通知\n有事件时，Bellwire 会这样通知您。"},
		{"silent", `{"type":"silent","count":1,"feeds":[` + a + `]}`, "部署 已有 1 天 2 小时没有新事件\n连接正常，但自 6月3日 08:05 起没有收到有效事件。请检查事件的发送方。再次收到事件时会通知您。"},
		{"speaks", `{"type":"speaks","count":1,"feeds":[` + b + `]}`, "静默 45 秒后，Backups 又有了新事件\n此前自 6月3日 08:05 起一直没有事件。"},
		{"trouble", `{"type":"trouble","count":1,"feeds":[` + a + `]}`, "部署 需要您处理\n缺少凭据或凭据错误（the server answers 401 Unauthorized）。\n请编辑此订阅源，填写有权读取数据流的令牌。\n自 6月3日 08:05 起一直如此。"},
		{"no code", `{"type":"trouble","count":1,"feeds":[` + b + `]}`, "无法连接 Backups\nNo route to host。\n自 6月3日 08:05 起一直如此。"},
		{"ended", `{"type":"trouble","count":1,"feeds":[` + c + `]}`, "Metrics 已结束\n自 6月3日 08:05 起一直如此。"},
		{"several", `{"type":"trouble","count":9,"feeds":[` + a + "," + b + "," + c + `]}`, "9 个订阅源出现问题：部署、Backups、Metrics 和另外 6 个\n部署：缺少凭据或凭据错误（the server answers 401 Unauthorized）\nBackups：no route to host\nMetrics\n以及另外 6 个"},
		{"some", `{"type":"trouble","count":2,"feeds":[` + b + "," + b + `]}`, "2 个订阅源无法连接：Backups 和 Backups\nBackups：no route to host\nBackups：no route to host"},
		{"all", `{"type":"trouble","count":2,"all":true,"feeds":[` + b + "," + b + `]}`, "所有订阅源均无法连接：网络是否已断开？\nBackups：no route to host\nBackups：no route to host"},
		{"recovered", `{"type":"recovered","count":1,"feeds":[` + c + `]}`, "Metrics 已恢复连接\n故障持续了 1 小时 20 分钟。如有内容无法补取，历史记录中会注明。"},
		{"all well", `{"type":"recovered","count":2,"all":true,"feeds":[` + a + "," + c + `]}`, "所有订阅源均已恢复连接\n如有内容无法补取，历史记录中会注明。"},
		{"some well", `{"type":"recovered","count":2,"feeds":[` + a + "," + c + `]}`, "2 个订阅源已恢复连接：部署 和 Metrics\n如有内容无法补取，历史记录中会注明。"},
	}
	facts := make([]string, len(cases))
	for i, tc := range cases {
		facts[i] = tc.facts
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), noticeEnv+"="+strings.Join(facts, "\n"), "LANGUAGE=", "LC_ALL=zh_CN.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Split(strings.TrimSpace(string(out)), "\n\n")
	if len(told) != len(cases) {
		t.Fatalf("%d notices of %d:\n%s", len(told), len(cases), out)
	}
	for i, tc := range cases {
		if d := cmp.Diff(tc.want, told[i]); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
}

func TestWhatIsNoNotice(t *testing.T) {
	const one = `{"type":"silent","count":1,"feeds":[{"name":"a"}]}`
	notice := func(raw string) subscriptions.Event {
		return subscriptions.Event{Kind: subscriptions.KindNotice, Raw: raw}
	}
	if _, _, ok := words.Notice(notice(one)); !ok {
		t.Fatal("a notice is none")
	}
	for name, e := range map[string]subscriptions.Event{
		"an event":         {Kind: subscriptions.KindEvent, Raw: one},
		"no facts":         notice(""),
		"no JSON":          notice("{"),
		"other JSON":       notice(`[1]`),
		"another type":     notice(`{"type":"new","count":1,"feeds":[{"name":"a"}]}`),
		"no feed":          notice(`{"type":"trouble","count":1}`),
		"fewer than there": notice(`{"type":"trouble","count":-1,"feeds":[{"name":"a"}]}`),
		"no time":          notice(`{"type":"silent","count":1,"feeds":[{"name":"a","since":"soon"}]}`),
		"too much":         notice(`{"type":"silent","count":1,"feeds":[{"name":"` + strings.Repeat("a", 1<<20) + `"}]}`),
	} {
		if title, body, ok := words.Notice(e); ok {
			t.Errorf("%s: %q, %q", name, title, body)
		}
	}
}

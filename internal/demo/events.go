package demo

import (
	"encoding/json"
	"fmt"
	"time"
)

// deploy is the n-th event of a pretended build server.
func deploy(n int, now time.Time) entry {
	build := 400 + n
	project := []string{"website", "billing", "mobile app", "search"}[n%4]
	link := fmt.Sprintf("https://ci.example/builds/%d", build)
	e := map[string]any{"link": link, "time": now.Format(time.RFC3339)}
	kind := "finished"
	switch n % 5 {
	case 1:
		kind = "failed"
		e["title"] = fmt.Sprintf("Build %d failed: %s", build, project)
		e["message"] = "Step “test” ended with exit code 1:\n--- FAIL: TestCheckout (0.42s)\n    want total 12.00, got 12.01"
		e["priority"] = 5
	case 3:
		kind = "started"
		e["title"] = fmt.Sprintf("Deploying %s %d", project, build)
		e["message"] = "To production, in three zones."
		e["priority"] = 2
	case 4:
		kind = "review"
		e["title"] = "New comment on #" + fmt.Sprint(90+n/5)
		e["message"] = "“Could we keep the old name for one more release?” 🙏"
		e["priority"] = 3
	default:
		e["title"] = fmt.Sprintf("Build %d passed: %s", build, project)
		e["message"] = fmt.Sprintf("Branch main, %d min %02d s, 1,204 tests.", 2+n%3, (n*17)%60)
		e["priority"] = 3
	}
	return encode(nextID(n, now), kind, e)
}

// alert is the n-th event of a pretended monitoring system.
func alert(n int, now time.Time) entry {
	host := []string{"db-1", "web-2", "cache-1", "mail"}[n%4]
	e := map[string]any{"id": nextID(n, now), "timestamp": now.Unix(), "host": host}
	kind := "alert"
	switch n % 4 {
	case 1:
		e["title"] = "Disk almost full on " + host
		e["text"] = "/var is at 91 %, growing by 2 % an hour."
		e["severity"] = "warning"
	case 2:
		e["title"] = "客厅温度 26.5 °C"
		e["text"] = "高于设定值 24 °C，已运行 20 分钟。"
		e["severity"] = "info"
	case 3:
		e["title"] = host + " does not answer"
		e["text"] = "Three checks in a row failed from two places."
		e["severity"] = "critical"
	default:
		kind = "recovery"
		e["title"] = host + " is back"
		e["text"] = fmt.Sprintf("Down for %d min.", 3+n%9)
		e["severity"] = "notice"
	}
	e["type"] = kind
	return encode(nextID(n, now), kind, e)
}

func encode(id, kind string, v map[string]any) entry {
	b, _ := json.Marshal(v) // strings and numbers: cannot fail
	return entry{id: id, kind: kind, data: string(b)}
}

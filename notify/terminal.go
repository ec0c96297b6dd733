package notify

import (
	"context"
	"io"
	"strings"
	"time"
)

// terminal writes one line a notification. It is never wrapped or cut to a
// width: the line may go to a file.
type terminal struct {
	out   io.Writer
	calls *solo
}

// writeTimeout bounds the wait for a stopped terminal or a full pipe.
const writeTimeout = 10 * time.Second

func (t *terminal) Name() string { return "terminal" }

// Show writes the line with one call of Write.
func (t *terminal) Show(ctx context.Context, n Notification) error {
	return t.calls.do(ctx, writeTimeout, n, func() error {
		_, err := io.WriteString(t.out, terminalLine(n))
		return err
	})
}

// Close leaves the writer open. A Write that hangs is left behind: nothing
// can end it.
func (t *terminal) Close() error {
	t.calls.close()
	return nil
}

// terminalLine is "15:04:05 feed !! title — body's first line — link".
func terminalLine(n Notification) string {
	fields := []string{n.Time.Local().Format("15:04:05")}
	for _, name := range []string{n.FeedName, n.Feed} {
		if name = oneLine(name, maxName); name != "" {
			fields = append(fields, name)
			break
		}
	}
	if n.Priority >= 4 {
		fields = append(fields, strings.Repeat("!", min(n.Priority, 5)-3))
	}
	text := []string{title(n, Options{})}
	body, _, _ := strings.Cut(lines(n.Body, maxBody), "\n")
	for _, s := range []string{body, oneLine(n.Link, maxBody)} {
		if s = strings.TrimSpace(s); s != "" && s != text[0] {
			text = append(text, s)
		}
	}
	return strings.Join(append(fields, strings.Join(text, " — ")), " ") + "\n"
}

package converse

import (
	"strings"
	"testing"

	"bellwire/subscriptions"
)

// BenchmarkHear is what a conversation costs a message of 300 bytes.
func BenchmarkHear(b *testing.B) {
	m := subscriptions.Message{Type: "message", Data: `{"seq":7,"type":"event","data":{"title":"Deploy","message":"` + strings.Repeat("x", 240) + `"}}`}
	for _, bm := range []struct {
		name     string
		settings subscriptions.Settings
	}{
		{"frames alone", frames("hello")},
		{"a condition", subscriptions.Settings{Conversation: subscriptions.Conversation{Closed: `data.type == "complete"`}}},
		{"an acknowledgement", replies(subscriptions.Reply{When: "data.seq != nil", Send: `{"ack":{{ data.seq }}}`})},
		{"memory", subscriptions.Settings{Conversation: subscriptions.Conversation{Remember: map[string]string{"a": "data.type"}}}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			talk := begin(b, bm.settings, "", "")
			if _, err := talk.Open(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := talk.Hear(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package notify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFreedesktopPriority(t *testing.T) {
	tests := map[int]struct {
		urgency, update byte
		stay            int32
		transient       any
	}{
		-1: {1, 1, -1, nil}, 0: {1, 1, -1, nil}, 1: {0, 0, 4000, true}, 2: {0, 0, 6000, nil},
		3: {1, 1, -1, nil}, 4: {1, 1, -1, nil}, 5: {2, 1, 0, nil}, 9: {2, 1, 0, nil},
	}
	for priority, want := range tests {
		f := &freedesktop{}
		hints := f.hints(Notification{Priority: priority})
		update := f.hints(Notification{Priority: priority, Update: true})
		if got := hints["urgency"].Value(); got != want.urgency {
			t.Errorf("priority %d has urgency %v", priority, got)
		}
		if got := update["urgency"].Value(); got != want.update {
			t.Errorf("an update of priority %d has urgency %v", priority, got)
		}
		if got := hints["transient"].Value(); got != want.transient {
			t.Errorf("priority %d: transient %v", priority, got)
		}
		if got := stay(priority); got != want.stay {
			t.Errorf("priority %d stays %d ms", priority, got)
		}
	}
}

func TestFreedesktopSoundAndCategory(t *testing.T) {
	tests := map[string]struct {
		n    Notification
		want map[string]any
	}{
		"the desktop's": {Notification{Seq: 1}, map[string]any{"category": "x-bellwire.event"}},
		"by name":       {Notification{Sound: "message-new-instant"}, map[string]any{"category": "x-bellwire.event", "sound-name": "message-new-instant"}},
		"none":          {Notification{Sound: SoundNone}, map[string]any{"category": "x-bellwire.event", "suppress-sound": true}},
		"an update":     {Notification{Sound: "bell", Update: true}, map[string]any{"category": "x-bellwire.event", "suppress-sound": true}},
		"not a name":    {Notification{Sound: "/etc/passwd"}, map[string]any{"category": "x-bellwire.event"}},
		"too long":      {Notification{Sound: strings.Repeat("a", 65)}, map[string]any{"category": "x-bellwire.event"}},
		"summary":       {Notification{Summary: 3}, map[string]any{"category": "x-bellwire.summary"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := map[string]any{}
			for key, value := range (&freedesktop{}).hints(test.n) {
				if key != "urgency" && key != "x-dunst-stack-tag" {
					got[key] = value.Value()
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFreedesktopNamesOpen(t *testing.T) {
	for name, test := range map[string]struct {
		o       Options
		buttons []Button
		want    string
	}{
		"by itself":          {Options{}, nil, "Open"},
		"by its options":     {Options{OpenLabel: "打开"}, nil, "打开"},
		"by a notification":  {Options{OpenLabel: "打开"}, []Button{{ButtonRead, "Read"}, {ButtonOpen, "Show"}}, "Show"},
		"by nothing visible": {Options{OpenLabel: "\x00"}, []Button{{ButtonOpen, " "}}, "Open"},
	} {
		if got := buttons(Notification{Buttons: test.buttons}, test.o)[0]; got != (Button{ButtonOpen, test.want}) {
			t.Errorf("named %s: %+v", name, got)
		}
	}
}

package notify

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestUserNoteJSON(t *testing.T) {
	o := Options{AppName: "Bellwire", OpenLabel: "Show"}
	n := Notification{
		Key: "k", Feed: "deploys", FeedName: "Deploys", Title: "<b>\x00", Body: "one\r\ntwo", Priority: 5, Image: "/a b.png",
		Buttons: []Button{{ButtonOpen, ""}, {"do-1", "\"Run\"\n"}, {ButtonRead, ""}, {"4", "4"}, {"5", "5"}},
	}
	parse := func(n Notification, ticket string) userNote {
		t.Helper()
		s, err := userNoteJSON(n, o, ticket)
		if err != nil {
			t.Fatal(err)
		}
		var u userNote
		if err := json.Unmarshal([]byte(s), &u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	got := parse(n, "id")
	want := userNote{
		ID: "bellwire-" + toastTag("k"), Thread: "deploys", Title: "<b>", Subtitle: "Deploys", Body: "one\ntwo", Sound: true, Level: levelTimeSensitive,
		Ticket: "id", Category: got.Category, Image: "/a b.png",
		Buttons: []userNoteButton{{"0", "Show", true}, {"1", `"Run"`, false}, {"2", "read", false}, {"3", "4", false}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	n.Title = "other"
	if same := parse(n, "id2"); same.Category != got.Category || same.ID != got.ID {
		t.Error("the same buttons have another category, or the same key another id")
	}
	n.Buttons[1].Label = "Stop"
	if other := parse(n, "id"); other.Category == got.Category {
		t.Error("other buttons have the same category")
	}
	n.Update = true
	if quiet := parse(n, ""); quiet.Sound || quiet.Level != levelPassive || len(quiet.Buttons) != 0 {
		t.Errorf("%+v", quiet)
	}
	for priority, level := range map[int]int{0: levelActive, 1: levelPassive, 2: levelPassive, 3: levelActive, 4: levelActive, 5: levelTimeSensitive} {
		if u := parse(Notification{Title: "t", FeedName: "t", Priority: priority, Sound: SoundNone}, ""); u.Level != level || u.Sound || u.Subtitle != "" {
			t.Errorf("%d: %+v", priority, u)
		}
	}
}

// Objective-C reads a C string: nothing may end it early, and it stays small.
func TestUserNoteJSONIsAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := nasty().Draw(t, "text")
		n := Notification{Key: text, Feed: text, Title: text, Body: text, Image: text, Buttons: []Button{{text, text}}}
		s, err := userNoteJSON(n, Options{}, "id")
		if err != nil {
			t.Fatal(err)
		}
		var u userNote
		if err := json.Unmarshal([]byte(s), &u); err != nil {
			t.Fatal(err)
		}
		for _, r := range s {
			if r < ' ' {
				t.Fatalf("%q", s)
			}
		}
		if u.Title == "" || u.Body != lines(text, maxBody) {
			t.Fatalf("%+v", u)
		}
	})
}

package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestToastXMLIsAlwaysTheSameToast(t *testing.T) {
	o := Options{AppName: "Bellwire", OpenLabel: "Open"}
	label := func(e string) string { // labels are an attribute of the action
		if strings.HasPrefix(e, "3action") {
			before, after, _ := strings.Cut(e, "{{ content} ")
			_, after, _ = strings.Cut(after, "} {{ arguments}")
			return before + after
		}
		return e
	}
	parse := func(t interface{ Fatal(...any) }, n Notification) (elements, texts []string) {
		doc, err := toastXML(n, o, "ticket", 22631)
		if err != nil {
			t.Fatal(err)
		}
		if len(doc) > maxToast {
			t.Fatal(len(doc), "bytes")
		}
		for _, c := range []byte(doc) {
			if c < ' ' || c >= 0x7f {
				t.Fatal("not plain ASCII:", doc)
			}
		}
		elements, texts, err = parseToast(doc)
		if err != nil {
			t.Fatal(doc, err)
		}
		for i := range elements {
			elements[i] = label(elements[i])
		}
		return elements, texts
	}
	note := func(s string) Notification {
		return Notification{Title: s, Body: s, FeedName: s + "x", Priority: 5, Time: time.Unix(1e9, 0), Buttons: []Button{
			{ID: ButtonOpen}, {ID: "do-1", Label: s}, {ID: ButtonRead, Label: s}, {ID: ButtonMute, Label: s}, {ID: "5", Label: s}, {ID: "6", Label: s},
		}}
	}
	want, _ := parse(t, note("a"))
	rapid.Check(t, func(t *rapid.T) {
		n := note(nasty().Draw(t, "text"))
		elements, texts := parse(t, n)
		if d := cmp.Diff(want, elements); d != "" {
			t.Fatalf("structure (-want +got):\n%s", d)
		}
		head, body := title(n, o), lines(n.Body, maxBody)
		if d := cmp.Diff([]string{head, body, oneLine(n.FeedName, maxName)}, texts); d != "" {
			t.Fatalf("text (-want +got):\n%s", d)
		}
	})
	rapid.Check(t, func(t *rapid.T) { // much of it
		n := note(strings.Repeat(nasty().Draw(t, "text")+"🔔你<", 700))
		_, texts := parse(t, n)
		if len(texts) != 3 || !strings.HasSuffix(texts[0], "…") || !strings.HasSuffix(texts[1], "…") {
			t.Fatalf("%q", texts)
		}
	})
}

func TestToastXML(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	tests := map[string]struct {
		n     Notification
		build uint32
		ask   string // the ticket
		want  string
	}{
		"plain": {
			Notification{Title: "Title", Body: "one\ntwo", FeedName: "Deploys", Priority: 3, Time: at},
			19045, "",
			`<toast duration="short" displayTimestamp="2026-01-02T02:04:05Z"><visual><binding template="ToastGeneric">` +
				`<text>Title</text><text>one&#xA;two</text><text placement="attribution">Deploys</text></binding></visual></toast>`,
		},
		"with everything": {
			Notification{Title: "T", Priority: 5, Image: `C:\a b\é.png`, Sound: "message-new-instant", Buttons: []Button{{ButtonOpen, ""}, {"do-1", "Run & go"}}},
			22631, "id",
			`<toast launch="id" activationType="foreground" duration="long" scenario="urgent"><visual><binding template="ToastGeneric">` +
				`<text>T</text><text></text><image placement="appLogoOverride" src="C:\a b\&#xE9;.png"></image></binding></visual>` +
				`<audio src="ms-winsoundevent:Notification.IM"></audio>` +
				`<actions><action content="Open it" arguments="id.0" activationType="foreground"></action>` +
				`<action content="Run &amp; go" arguments="id.1" activationType="background"></action></actions></toast>`,
		},
		"urgent where that is unknown": {
			Notification{Title: "T", Priority: 5, Sound: SoundNone},
			19045, "",
			`<toast duration="long" scenario="reminder"><visual><binding template="ToastGeneric"><text>T</text><text></text></binding></visual><audio silent="true"></audio></toast>`,
		},
		"an update is silent": {
			Notification{Title: "T", Priority: 3, Update: true, Image: "a\nb"},
			22631, "",
			`<toast duration="short"><visual><binding template="ToastGeneric"><text>T</text><text></text></binding></visual><audio silent="true"></audio></toast>`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := toastXML(test.n, Options{OpenLabel: "Open it"}, test.ask, test.build)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestToastTag(t *testing.T) {
	// Two with the same FNV-1a sum: whoever chooses a group could make more.
	if toastTag("8yn0iYCKYHlIj4-BwPqk") == toastTag("GReLUrM4wMqfg9yzV3KQ") {
		t.Error("two keys have the same tag")
	}
	if a, b := toastTag("a"), toastTag("b"); a == b || a != toastTag("a") || len(a) != 16 {
		t.Errorf("%q, %q", a, b)
	}
}

func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, limit := lines(nasty().Draw(t, "text"), 100), rapid.IntRange(-5, 200).Draw(t, "limit")
		size := func(s string) (n int) {
			for _, r := range s {
				n += escaped(r)
			}
			return n
		}
		got := fit(s, limit)
		if got != "" && size(got) > limit {
			t.Fatalf("%q is %d bytes of %d", got, size(got), limit)
		}
		if size(s) <= limit && got != s || !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) {
			t.Fatalf("%q became %q with %d", s, got, limit)
		}
	})
}

func TestTickets(t *testing.T) {
	var k tickets
	n := Notification{Seq: 7, Summary: 1, Feed: "deploys", Link: "https://example.org/", Buttons: []Button{{ButtonOpen, ""}, {"do-1", "Run"}}}
	want := Activation{Seq: 7, Summary: 1, Feed: "deploys", Link: "https://example.org/"}
	body, button := k.issue(n, n.Buttons), k.issue(n, n.Buttons)
	if body == button || strings.Contains(body, "deploys") {
		t.Errorf("%q, %q", body, button)
	}
	for _, bad := range []string{"", ".", ".0", "x", body + ".2", body + ".-1", body + ".x", body + ".0.0", body + "." + strings.Repeat("9", 30)} {
		if a, ok := k.take(bad); ok {
			t.Errorf("%q is %+v", bad, a)
		}
	}
	if a, ok := k.look(body); !ok || a != want {
		t.Errorf("%+v, %v", a, ok)
	}
	if a, ok := k.take(body); !ok || a != want {
		t.Errorf("%+v, %v", a, ok)
	}
	if a, ok := k.take(body); ok {
		t.Errorf("twice: %+v", a)
	}
	want.Button = "do-1"
	if a, ok := k.take(buttonTicket(button, 1)); !ok || a != want {
		t.Errorf("%+v, %v", a, ok)
	}
	old := k.issue(n, nil)
	for range maxShown {
		k.issue(n, nil)
	}
	if _, ok := k.take(old); ok || len(k.known) > maxShown || len(k.order) > maxShown {
		t.Errorf("%d known, %d in order", len(k.known), len(k.order))
	}
}

func TestRelay(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	got := make(chan int64, 2*maxReports)
	r := newRelay(Options{
		OnActivate: func(a Activation) { inside <- struct{}{}; <-goOn; got <- a.Seq },
		OnEnd:      func(e Ending) { got <- -e.Seq },
	})
	r.clicked(Activation{Seq: 1})
	<-inside // one is being handled: the queue is empty
	for range maxReports + 5 {
		r.ended(Ending{Seq: 2, Why: EndDismissed}) // never waits
	}
	close(goOn)
	if seq := <-got; seq != 1 {
		t.Errorf("first %d", seq)
	}
	for range maxReports / 2 { // the rest is for clicks
		if seq := <-got; seq != -2 {
			t.Errorf("then %d", seq)
		}
	}
	r.close()
	if len(got) != 0 {
		t.Errorf("%d more", len(got))
	}
	quiet := newRelay(Options{})
	quiet.clicked(Activation{})
	quiet.ended(Ending{})
	quiet.close()
}

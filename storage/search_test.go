package storage_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/subscriptions/search"

	"github.com/google/go-cmp/cmp"
)

func TestSearchFinds(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	for _, e := range []subscriptions.Event{
		{Title: "Deploy finished", Body: "service billing-api 2.31 is up", Raw: `{"host":"web-7","path":"\/var\/log"}`},     // 1
		{Title: "我爱北京天安门", Body: "天安门上太阳升", Raw: "x"},                                                                       // 2
		{Title: "escaped", Raw: `{"msg":"\u4e0a\u6d77caf\u00e9\nopen \ud83d\udd25","t":"a\tb","bad":"\ud83d \u12"}`},        // 3
		{Title: "東京タワーへ行く", Raw: "서울에서 만나요"},                                                                                // 4
		{Title: "Crème brûlée", Raw: "ÜBER Straße"},                                                                         // 5
		{Title: "fire 🔥🔥 alarm", Raw: "สวัสดีครับ"},                                                                         // 6
		{Title: `say "NEAR" AND (OR) NOT col:x * ^`, Raw: "it's"},                                                           // 7
		{Title: "nul\x00inside", Raw: "broken \xff utf8"},                                                                   // 8
		{Title: "mixed 中文abc文字", Raw: "x"},                                                                                  // 9
		{Title: "large", Raw: "beginning " + strings.Repeat("filler ", 9000) + "ending " + strings.Repeat("filler ", 9000)}, // 10
		{Title: "tagged", Raw: "x", Tags: []string{"floppy disk", "备份"}},                                                    // 11
	} {
		e.Kind = subscriptions.KindEvent
		ingest(t, db, "one", e)
	}
	for _, c := range []struct {
		text string
		want []int64
	}{
		{"deploy", []int64{1}},
		{"floppy", []int64{11}},
		{"备份 tagged", []int64{11}},
		{"DEPLOY", []int64{1}},
		{"deploy billing", []int64{1}},
		{"billing deploy", []int64{1}},
		{"deploy nowhere", []int64{}},
		{"dep", []int64{1}},
		{"dep finished", []int64{}}, // the last word alone may be unfinished
		{"finished dep", []int64{1}},
		{"billing-api", []int64{1}},
		{"api-billing", []int64{}},
		{"2.31", []int64{1}},
		{"web-7", []int64{1}},
		{"/var/log", []int64{1}},
		{"北京", []int64{2}},
		{"天安门", []int64{2}},
		{"安门", []int64{2}},
		{"京北", []int64{}},
		{"北京 太阳", []int64{2}},
		{"上海", []int64{3}},
		{"cafe", []int64{3}},
		{"open", []int64{3}},
		{"東京", []int64{4}},
		{"タワー", []int64{4}},
		{"ワー", []int64{4}},
		{"서울", []int64{4}},
		{"만나", []int64{4}},
		{"creme brulee", []int64{5}},
		{"CRÈME", []int64{5}},
		{"über", []int64{5}},
		{"🔥", []int64{6, 3}},
		{"สวัสดี", []int64{6}},
		{"ครับ", []int64{6}},
		{`"NEAR"`, []int64{7}},
		{"NOT", []int64{7}},
		{"col:x", []int64{7}},
		{"say OR nowhere", []int64{}},
		{"say*", []int64{7}},
		{"it's", []int64{7}},
		{`say "`, []int64{7}},
		{"inside", []int64{8}},
		{"nul\x00inside", []int64{8}},
		{"broken \xff utf8", []int64{8}},
		{"中文", []int64{9}},
		{"abc", []int64{9}},
		{"文字", []int64{9}},
		{"beginning ending", []int64{10}},
		{"*", []int64{}},
		{`"`, []int64{}},
		{"(", []int64{}},
		{"\x00", []int64{}},
		{" ", []int64{}},
		{strings.Repeat("deploy ", 1000), []int64{1}},
		{strings.Repeat(`"`, 5000), []int64{}},
		{strings.Repeat("deploy -x ", 1000), []int64{1}},
		{strings.Repeat("w ", 1000), []int64{}},
		{strings.Repeat("-w ", 1000) + "deploy", []int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{strings.Repeat("from:one ", 1000), []int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{strings.Repeat("-is:gap is:event ", 1000), []int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{strings.Repeat("tag:x ", 1000), []int64{}},
		{`"billing api"`, []int64{1}},
		{`"billing ap"`, []int64{}},
		{`"billing ap`, []int64{1}},
		{`deploy "finished`, []int64{1}},
		{"tag:备份", []int64{11}},
		{"tag:FLOPPY", []int64{}},
		{`tag:"Floppy Disk"`, []int64{11}},
		{"is:event -北京 -cafe 北", []int64{}},
		{strings.Repeat("北", 5000), []int64{}},
	} {
		if diff := cmp.Diff(c.want, seqs(history(t, db, storage.Query{Text: c.text}))); diff != "" {
			t.Errorf("searching %.40q:\n%s", c.text, diff)
		}
	}
}

func FuzzSearch(f *testing.F) {
	db := open(f)
	addFeed(f, db, "one")
	for _, text := range []string{
		"a AND b", `"`, "a*", "NEAR(a b)", "text : x", "^a", "北京 \x00", "-a", "{a b}", "\xff",
		"from:one priority:>=2 -is:gap has:link tag:a -tag:b", `before:2026-01-01 "a b" -"c d" on:today`, "is:unread folder:x", "-from:one",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := event("needle")
		e.Raw = text
		r := ingest(t, db, "one", e)
		q := storage.Query{Text: text, After: r.LastSeq - 1, Limit: 1}
		if _, err := db.History(t.Context(), q); err != nil {
			if _, ok := errors.AsType[*search.Error](err); !ok {
				t.Fatal(err)
			}
		}
		if s, err := search.Parse(text); err != nil || len(s.Conditions) > 0 || strings.ContainsAny(text, `-"\`) || len(text) >= 1000 {
			return
		}
		q.Text = "needle " + text
		if got := history(t, db, q); len(got) != 1 {
			t.Errorf("the text %q does not find itself", text)
		}
	})
}

func TestSearchIsUpToDateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := openAt(t, path)
	addFeed(t, db, "one")
	for i := range 40 {
		var events []subscriptions.Event
		for j := range 1 + i*3 {
			events = append(events, event(fmt.Sprintf("common unique%dx%d", i, j)))
		}
		r := ingest(t, db, "one", events...)
		got := history(t, db, storage.Query{Text: fmt.Sprintf("unique%dx%d", i, len(events)-1)})
		if len(got) != 1 || got[0].Seq != r.LastSeq {
			t.Fatalf("after batch %d: %v", i, got)
		}
	}
	ingest(t, db, "one", event("not searched before the end"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	if got := history(t, db, storage.Query{Text: "before end"}); len(got) != 1 {
		t.Errorf("after reopening: %v", got)
	}
	if got := history(t, db, storage.Query{Text: "common", Limit: 1000}); len(got) != 1000 {
		t.Errorf("%d rows", len(got))
	}
}

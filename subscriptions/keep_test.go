package subscriptions

import (
	"strings"
	"testing"
)

func TestKeep(t *testing.T) {
	for name, tc := range map[string]struct {
		keep Keep
		ok   bool
	}{
		"the default":      {Keep{}, true},
		"some":             {Keep{Days: 1, Events: 1}, true},
		"everything":       {Keep{Days: KeepAll, Events: KeepAll}, true},
		"a century":        {Keep{Days: 36500}, true},
		"more than that":   {Keep{Days: 36501}, false},
		"no days":          {Keep{Days: -2}, false},
		"less than no row": {Keep{Events: -2}, false},
	} {
		if err := tc.keep.Validate(); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
		f := Feed{URL: "https://x/", Transport: TransportSSE, Settings: Settings{Keep: tc.keep}}
		if err := f.Validate(); (err == nil) != tc.ok {
			t.Errorf("%s, of a feed: %v", name, err)
		}
		if err := (Preferences{Keep: tc.keep}).Validate(); (err == nil) != tc.ok {
			t.Errorf("%s, of all: %v", name, err)
		}
	}
	if got := (Keep{Days: KeepAll}).Or(Keep{Days: 3, Events: 4}); got != (Keep{Days: KeepAll, Events: 4}) {
		t.Errorf("%+v", got)
	}
}

func TestLook(t *testing.T) {
	for name, tc := range map[string]struct {
		look Look
		ok   bool
	}{
		"plain":              {Look{}, true},
		"all of it":          {Look{Folder: "Työ 工作", Icon: "👩‍💻", Colour: "teal"}, true},
		"a long folder":      {Look{Folder: strings.Repeat("界", MaxFolder)}, true},
		"a longer folder":    {Look{Folder: strings.Repeat("界", MaxFolder+1)}, false},
		"a long icon":        {Look{Icon: strings.Repeat("x", MaxLookIcon+1)}, false},
		"a control":          {Look{Folder: "a\nb"}, false},
		"no text":            {Look{Icon: "\xff"}, false},
		"no colour of these": {Look{Colour: "#ff0000"}, false},
	} {
		if err := tc.look.Validate(); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSameConnection(t *testing.T) {
	plain := Feed{ID: "a", Name: "A", URL: "wss://x/", Transport: TransportWebSocket, Headers: []Header{{"A", "1"}}}
	saying := plain
	saying.Frames = []Frame{{Send: `{"client":"{{ feed.name }}"}`}}
	for name, tc := range map[string]struct {
		feed   Feed
		change func(*Feed)
		same   bool
	}{
		"nothing":              {plain, func(*Feed) {}, true},
		"the name":             {plain, func(f *Feed) { f.Name = "B" }, true},
		"the look":             {plain, func(f *Feed) { f.Look = Look{Folder: "x"} }, true},
		"what is kept":         {plain, func(f *Feed) { f.Keep.Days = 7 }, true},
		"what is notified":     {plain, func(f *Feed) { f.Notify.Off = true }, true},
		"a name that is sent":  {saying, func(f *Feed) { f.Name = "B" }, false},
		"the look of that one": {saying, func(f *Feed) { f.Look.Icon = "x" }, true},
		"the address":          {plain, func(f *Feed) { f.URL = "wss://y/" }, false},
		"a header":             {plain, func(f *Feed) { f.Headers = nil }, false},
		"the mapping":          {plain, func(f *Feed) { f.Mapping.Title = "x" }, false},
		"name and address":     {plain, func(f *Feed) { f.Name, f.URL = "B", "wss://y/" }, false},
	} {
		g := tc.feed
		tc.change(&g)
		if tc.feed.SameConnection(&g) != tc.same || g.SameConnection(&tc.feed) != tc.same {
			t.Errorf("%s: want %v", name, tc.same)
		}
	}
}

package subscriptions_test

import (
	"net/http"
	"testing"
	"time"

	. "bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestValidatePoll(t *testing.T) {
	byQuery := Resume{By: ResumeByQuery, Param: "since"}
	withField := byQuery
	withField.Field = "id"
	for _, tc := range []struct {
		name string
		feed Feed
		want string
	}{
		{"poll", Feed{Transport: TransportPoll}, ""},
		{"longpoll", Feed{Transport: TransportLongPoll, Settings: Settings{Poll: Poll{Items: "a.b"}}}, ""},
		{"an interval", Feed{Transport: TransportPoll, Settings: Settings{Poll: Poll{Interval: Duration(time.Second)}}}, ""},
		{"too often", Feed{Transport: TransportPoll, Settings: Settings{Poll: Poll{Interval: Duration(time.Second - 1)}}}, "the interval must be between 1s and 24h0m0s"},
		{"backwards", Feed{Transport: TransportPoll, Settings: Settings{Poll: Poll{Interval: Duration(-time.Hour)}}}, "the interval must be between 1s and 24h0m0s"},
		{"hardly ever", Feed{Transport: TransportPoll, Settings: Settings{Poll: Poll{Interval: Duration(25 * time.Hour)}}}, "the interval must be between 1s and 24h0m0s"},
		{"an interval of a long poll", Feed{Transport: TransportLongPoll, Settings: Settings{Poll: Poll{Interval: Duration(time.Minute)}}}, "only a feed of the kind poll has an interval"},
		{"an interval of a stream", Feed{Transport: TransportSSE, Settings: Settings{Poll: Poll{Interval: Duration(time.Minute)}}}, "only a feed of the kind poll has an interval"},
		{"items of a stream", Feed{Transport: TransportSSE, Settings: Settings{Poll: Poll{Items: "a"}}}, "only a feed of the kind poll or longpoll has items"},
		{"items too deep", Feed{Transport: TransportPoll, Settings: Settings{Poll: Poll{Items: string(make([]byte, MaxPath+1))}}}, "the path of the items is longer than 250 bytes"},
		{"a parameter", Feed{Transport: TransportPoll, Settings: Settings{Resume: withField}}, ""},
		{"a parameter without a value", Feed{Transport: TransportPoll, Settings: Settings{Resume: byQuery}}, "polling with a parameter needs to know where the payload holds its value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.feed.URL = "https://poll.example/"
			got := ""
			if err := tc.feed.Validate(); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTargetAt(t *testing.T) {
	f := Feed{URL: "https://poll.example/x?a=1", Transport: TransportPoll, Headers: []Header{{Name: "X-A", Value: "b"}}}
	for _, tc := range []struct {
		name   string
		resume Resume
		since  string
		url    string
		header http.Header
	}{
		{"the start", Resume{By: ResumeByQuery, Param: "s"}, "", f.URL, http.Header{"X-A": {"b"}}},
		{"by a parameter", Resume{By: ResumeByQuery, Param: "s"}, "5 6", f.URL + "&s=5+6", http.Header{"X-A": {"b"}}},
		{"by the header", Resume{}, "5", f.URL, http.Header{"X-A": {"b"}, "Last-Event-Id": {"5"}}},
		{"not at all", Resume{By: ResumeByNone}, "5", f.URL, http.Header{"X-A": {"b"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.Resume = tc.resume
			target, err := NewTarget(f, `{"since":"5"}`)
			if err != nil {
				t.Fatal(err)
			}
			url, header, err := target.At(tc.since)
			if err != nil || url != tc.url {
				t.Errorf("got %q, %v; want %q", url, err, tc.url)
			}
			if d := cmp.Diff(tc.header, header); d != "" {
				t.Error(d)
			}
			if target.Header.Get("Last-Event-ID") != "" {
				t.Error("the target itself was changed")
			}
		})
	}
}

package sse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"

	"github.com/google/go-cmp/cmp"
)

// joiner is a talk that posts what it hears of a type.
type joiner struct {
	post  string
	heard []string
	err   error
}

func (*joiner) Open() ([]subscriptions.Answer, error) { return nil, nil }
func (*joiner) Beat() (string, error)                 { return "", nil }
func (j *joiner) Missed() bool                        { return len(j.heard) == 1 }
func (j *joiner) Memory() map[string]any              { return map[string]any{"heard": len(j.heard)} }

func (j *joiner) Hear(m subscriptions.Message) ([]subscriptions.Answer, error) {
	j.heard = append(j.heard, m.Data)
	if m.Type != "connect" {
		return nil, j.err
	}
	return []subscriptions.Answer{{Text: "a text alone"}, {Text: m.Data, Post: j.post}}, nil
}

type posted struct{ Type, Auth, Query, Body string }

// joining is a server that streams only to whom has posted the id it gave.
func joining(t *testing.T, status int) (url string, requests chan posted) {
	requests = make(chan posted, 10)
	mux := http.NewServeMux()
	join := make(chan struct{}, 1)
	mux.HandleFunc("POST /join", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		requests <- posted{r.Header.Get("Content-Type"), r.Header.Get("Authorization"), r.URL.RawQuery, string(b)}
		w.WriteHeader(status)
		join <- struct{}{}
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "event: connect\ndata: {\"id\":7}\n\n")
		w.(http.Flusher).Flush()
		select {
		case <-join:
			fmt.Fprint(w, "data: first\n\n")
		case <-r.Context().Done():
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL, requests
}

func TestAnswersArePosted(t *testing.T) {
	url, requests := joining(t, http.StatusNoContent)
	talk := &joiner{post: url + "/join"}
	target := subscriptions.Target{URL: url, Talk: talk}
	for _, c := range []subscriptions.Credential{{By: subscriptions.AuthBearer}, {By: subscriptions.AuthQuery, Name: "key"}} {
		if err := target.Present(c, "hush"); err != nil {
			t.Fatal(err)
		}
	}
	got := newSink()
	err := new(sse.Transport).Run(t.Context(), target, got)
	if subscriptions.AsError(err).Code != subscriptions.CodeClosed {
		t.Error(err)
	}
	if diff := cmp.Diff(posted{"application/json", "Bearer hush", "key=hush", `{"id":7}`}, <-requests); diff != "" || len(requests) != 0 {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`{"id":7}`, "first"}, talk.heard); diff != "" {
		t.Error(diff)
	}
	if ms := taken(got.messages); len(ms) != 2 || ms[1].Memory["heard"] != 2 || !ms[0].Missed || ms[1].Missed {
		t.Errorf("received %v", ms)
	}
}

func TestAnswerThatIsRefused(t *testing.T) {
	for status, want := range map[int]subscriptions.Error{
		http.StatusForbidden:          {Class: subscriptions.NeedsUser, Code: subscriptions.CodeForbidden},
		http.StatusServiceUnavailable: {Class: subscriptions.Transient, Code: subscriptions.CodeBusy},
	} {
		url, requests := joining(t, status)
		into := newSink()
		err := new(sse.Transport).Run(t.Context(), subscriptions.Target{URL: url, Talk: &joiner{post: url + "/join"}}, into)
		got := subscriptions.AsError(err)
		if got.Class != want.Class || got.Code != want.Code || len(into.messages) != 0 {
			t.Errorf("%d: %s %s %v", status, got.Class, got.Code, err)
		}
		<-requests
	}
}

func TestAnswerElsewhereIsNotSent(t *testing.T) {
	url, requests := joining(t, http.StatusOK)
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked elsewhere") }))
	defer away.Close()
	home := httptest.NewServer(http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	defer home.Close()
	err := new(sse.Transport).Run(t.Context(), subscriptions.Target{URL: url, Talk: &joiner{post: away.URL}}, newSink())
	if subscriptions.AsError(err).Code != subscriptions.CodeBadFeed {
		t.Errorf("another origin: %v", err)
	}
	target := subscriptions.Target{URL: home.URL, Talk: &joiner{}}
	err = target.Post(t.Context(), http.DefaultClient, subscriptions.Answer{Text: "x", Post: home.URL + "/join"})
	if subscriptions.AsError(err).Code != subscriptions.CodeRedirect || len(requests) != 0 {
		t.Errorf("redirected: %v", err)
	}
}

func TestTalkEndsTheStream(t *testing.T) {
	url, _ := joining(t, http.StatusOK)
	refused := subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, "no")
	talk := &joiner{post: url + "/join", err: refused}
	if err := new(sse.Transport).Run(t.Context(), subscriptions.Target{URL: url, Talk: talk}, newSink()); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

func TestGivenUpWhilePosting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", func(http.ResponseWriter, *http.Request) { cancel(); <-gone })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "event: connect\ndata: x\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	defer close(gone)
	if err := new(sse.Transport).Run(ctx, subscriptions.Target{URL: s.URL, Talk: &joiner{post: s.URL}}, newSink()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

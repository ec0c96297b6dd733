package secrets

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// What a forward shows goes to where it sends, never to the feed's own server,
// which need not even wait for it.
func TestForwardSecretsAreNotForTheFeedsServer(t *testing.T) {
	t.Setenv("BELLWIRE_TEST", "hush")
	t.Setenv("BELLWIRE_OWN", "own")
	f := subscriptions.Feed{URL: "http://x/e?topic=a", Auth: []subscriptions.Credential{
		{By: subscriptions.AuthForward, Name: "broken", Secret: "env:BELLWIRE_UNSET"},
		{By: subscriptions.AuthForward, Name: "team", Secret: "env:BELLWIRE_TEST"},
		{By: subscriptions.AuthBearer, Secret: "env:BELLWIRE_OWN"},
	}}
	target, err := subscriptions.NewTarget(f, "")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newStore(t)
	if err := s.Prepare(t.Context(), f, &target); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Bearer own"}, target.Header["Authorization"]); d != "" || len(target.Header) != 1 || target.URL != f.URL || target.FrameSecret != "" || target.QueryAuth != nil {
		t.Errorf("%s %+v", d, target)
	}
	if got, err := s.ForwardSecret(t.Context(), f, "team"); got != "hush" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := s.ForwardSecret(t.Context(), f, "other"); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	_, err = s.ForwardSecret(t.Context(), f, "broken")
	var trouble *subscriptions.Error
	if !errors.As(err, &trouble) || trouble.Code != subscriptions.CodeIdentity || !strings.Contains(err.Error(), "the forward secret cannot be had from env:BELLWIRE_UNSET") {
		t.Error(err)
	}
}

func TestForwardTarget(t *testing.T) {
	a := newAuthority(t)
	s, _ := newStore(t)
	f := subscriptions.Feed{URL: "https://x/e", TLS: subscriptions.TLS{CAFile: a.file}, Proxy: "http://p:1", Auth: []subscriptions.Credential{{By: subscriptions.AuthBearer, Secret: "env:BELLWIRE_UNSET"}}}
	target, err := s.ForwardTarget(f)
	if err != nil || target.TLS == nil || target.Proxy != nil || len(target.Header) != 0 || target.URL != f.URL {
		t.Errorf("%+v, %v", target, err)
	}
	f.TLS.CAFile += ".gone"
	if _, err := s.ForwardTarget(f); err == nil {
		t.Error("an authority that is not there")
	}
	if _, err := s.ForwardTarget(subscriptions.Feed{URL: "https://x/e"}); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.Auth = []subscriptions.Credential{{By: subscriptions.AuthForward, Name: "n", Secret: `command:["true"]`}}
	if _, err := s.ForwardSecret(ctx, f, "n"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

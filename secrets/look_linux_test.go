package secrets

import (
	"testing"

	"bellwire/notify/notifytest"
	"bellwire/secrets/secretstest"
)

func TestLookKeyring(t *testing.T) {
	bus := notifytest.Bus(t)
	conn := bus.Connect(t)
	want := func(want KeyringState) {
		t.Helper()
		if got, err := LookKeyring(t.Context(), conn); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	want(KeyringNone)
	secretstest.Keyring(t, bus.Address)
	want(KeyringOpen)
	secretstest.Lock(t, bus.Address)
	want(KeyringLocked)
}

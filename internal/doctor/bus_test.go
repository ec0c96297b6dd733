//go:build !windows && !darwin

package doctor

import "testing"

// A session bus on another machine is not asked with --offline.
func TestBusHere(t *testing.T) {
	for address, want := range map[string]bool{
		"unix:path=/run/user/1000/bus":                 true,
		"unix:abstract=x,guid=1;tcp:host=h.example":    false,
		"tcp:host=localhost,port=1":                    true,
		"tcp:port=1,host=127.0.0.1":                    true,
		"nonce-tcp:host=192.0.2.1,port=1,noncefile=/x": false,
	} {
		if busHere(address) != want {
			t.Errorf("%s: %t", address, !want)
		}
	}
}

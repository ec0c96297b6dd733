package detect

import (
	"net/netip"
	"net/url"
	"strings"

	"bellwire/subscriptions"
)

// complete are the addresses that raw may stand for, in the order in which
// they are tried: without a scheme it is https, and on a private network then
// also http.
func complete(raw string) ([]*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if strings.Contains(raw, "://") {
		u, err := subscriptions.ParseURL(raw)
		if err != nil {
			return nil, err
		}
		return []*url.URL{u}, nil
	}
	secure, err := subscriptions.ParseURL("https://" + strings.TrimPrefix(raw, "//"))
	if err != nil {
		return nil, err
	}
	if !isPrivate(secure.Hostname()) {
		return []*url.URL{secure}, nil
	}
	open := *secure
	open.Scheme = "http"
	return []*url.URL{secure, &open}, nil
}

// isPrivate tells hosts of this machine or of a network at home or at work.
func isPrivate(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa", ".test"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

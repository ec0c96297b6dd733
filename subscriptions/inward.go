package subscriptions

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// CheckInward refuses a request that a redirect has made, where its host is
// further inside than the one that was asked first: a server of the Internet
// must not make Bellwire ask this machine, or what only its network can reach,
// in its place. proxy is as in [http.Transport]; where there is one it is the
// proxy that finds the host, from where it stands, and nothing is looked up
// here. A name that resolves anew between this look and the connection is not
// noticed.
func CheckInward(req *http.Request, proxy func(*http.Request) (*url.URL, error)) error {
	if req.Response == nil || req.Response.Request == nil {
		return nil // nobody redirected it
	}
	first := req.Response.Request
	for first.Response != nil && first.Response.Request != nil {
		first = first.Response.Request
	}
	if strings.EqualFold(first.URL.Hostname(), req.URL.Hostname()) {
		return nil
	}
	if proxy != nil {
		if through, err := proxy(req); err != nil || through != nil {
			return nil // an error is the transport's to tell
		}
	}
	if Depth(req.Context(), req.URL.Hostname()) > Depth(req.Context(), first.URL.Hostname()) {
		return Failf(NeedsUser, CodeRedirect, "redirected to %s, inside this machine or its network", printable(RedactURL(req.URL.String()), maxErrorText))
	}
	return nil
}

// shared are the addresses behind a provider's address translation (RFC 6598),
// which private networks of networks use as well.
var shared = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)

// Depth is how far inside a host is: 0 for the Internet, 1 for a private
// network, 2 for this machine and its link. One that cannot be found is
// outside, and asking it will fail by itself. localhost and what ends in it is
// this machine, whatever names it (RFC 6761 §6.3).
func Depth(ctx context.Context, host string) (deepest int) {
	if name := strings.TrimSuffix(strings.ToLower(host), "."); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return 2
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return 0
	}
	for _, ip := range found {
		switch ip = ip.Unmap(); {
		case ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast():
			deepest = 2
		case ip.IsPrivate() || shared.Contains(ip):
			deepest = max(deepest, 1)
		}
	}
	return deepest
}

// Outward is a transport that follows no redirect inside: see [CheckInward].
type Outward struct {
	*http.Transport
}

// RoundTrip implements [http.RoundTripper].
func (o Outward) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := CheckInward(req, o.Proxy); err != nil {
		return nil, err
	}
	return o.Transport.RoundTrip(req)
}

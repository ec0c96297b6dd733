package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"bellwire/secrets"
	"bellwire/subscriptions"
)

// proxyNames are the variables that net/http heeds.
var proxyNames = []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}

func lookProxy(_ context.Context, o *Options) []Finding {
	var used []string
	for _, name := range proxyNames {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		u, err := parseProxy(value)
		if err != nil {
			// The value may hold a password.
			return []Finding{failure("Go without:"+run+"unset "+name+"; "+o.quit()+o.start()+"\nor write it as in:"+run+"export "+name+"=http://proxy.example.org:3128; "+o.quit()+o.start(), "%s cannot be read: %v", name, err)}
		}
		if !slices.Contains(used, u.Host) {
			used = append(used, u.Host)
		}
	}
	if len(used) == 0 {
		return []Finding{good("none is set for all feeds")}
	}
	without := ""
	if no := os.Getenv("NO_PROXY") + os.Getenv("no_proxy"); no != "" {
		without = ", except for " + no
	}
	return []Finding{good("feeds are reached through %s%s", strings.Join(used, ", "), without)}
}

// parseProxy reads a proxy's address as net/http does: without a scheme it is
// http's.
func parseProxy(value string) (*url.URL, error) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("it is no address like http://HOST:PORT")
	}
	if !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, fmt.Errorf("a proxy is spoken to by http, https or socks5, not %q", u.Scheme)
	}
	return u, nil
}

const (
	// serverLimit bounds the wait for a server, so that there is time left to
	// say that it did not answer.
	serverLimit = 4 * time.Second
	// maxServers is how many servers are asked.
	maxServers = 50
)

// An answer is what one server said.
type answer struct {
	host string
	err  *subscriptions.Error
	away string // the host of another address that it points to
	// ahead is how much its clock is ahead of ours, where it told it.
	ahead time.Duration
	dated bool
}

func lookServers(ctx context.Context, o *Options) []Finding {
	if o.Offline {
		return []Finding{good("not asked (--offline)")}
	}
	feeds := o.servers()
	if len(feeds) == 0 {
		return []Finding{good("no feeds, nobody to ask")}
	}
	left := max(0, len(feeds)-maxServers)
	feeds = feeds[:len(feeds)-left]
	answers := make([]answer, len(feeds))
	var all sync.WaitGroup
	for i, f := range feeds {
		all.Go(func() { answers[i] = ask(ctx, o, f) })
	}
	all.Wait()
	found := serverFindings(answers)
	if left > 0 {
		found = append(found, good("%d more were not asked", left))
	}
	return append(found, clockFinding(answers)...)
}

// servers are feeds that are not paused, one for each way to a server.
func (o *Options) servers() (feeds []subscriptions.Feed) {
	seen := map[string]bool{}
	for _, f := range o.Feeds {
		u, err := subscriptions.ParseURL(f.URL)
		if err != nil || f.Paused {
			continue
		}
		key := fmt.Sprint(origin(u), f.Proxy, f.TLS)
		if !seen[key] {
			seen[key] = true
			feeds = append(feeds, f)
		}
	}
	return feeds
}

// origin is the root of an address: nothing of its path, its query or who it
// is for is sent.
func origin(u *url.URL) string {
	scheme := u.Scheme
	switch scheme {
	case "ws":
		scheme = "http"
	case "wss":
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: u.Host, Path: "/"}).String()
}

// ask makes one request to a feed's server, with the feed's certificates and
// proxy, and with no credential: any answer will do. No redirect is followed:
// a person has named this host and no other.
func ask(ctx context.Context, o *Options, f subscriptions.Feed) (a answer) {
	ctx, cancel := context.WithTimeout(ctx, serverLimit)
	defer cancel()
	u, err := subscriptions.ParseURL(f.URL)
	if err != nil {
		return answer{err: subscriptions.AsError(err)}
	}
	a.host = u.Host
	t := subscriptions.Target{URL: origin(u)}
	f.Auth = nil
	if err := secrets.New(secrets.Options{File: o.Secrets, Logger: slog.New(slog.DiscardHandler)}).Prepare(ctx, f, &t); err != nil {
		a.err = subscriptions.AsError(err)
		return a
	}
	client := subscriptions.NewClient(t, subscriptions.ClientOptions{Idle: time.Second, Dial: o.Dial})
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, t.URL, nil)
	if err != nil {
		a.err = subscriptions.AsError(err)
		return a
	}
	before := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		a.err = subscriptions.DialError(err)
		return a
	}
	resp.Body.Close()
	after := time.Now()
	if to, err := resp.Location(); err == nil && u.Scheme != "https" && u.Scheme != "wss" && to.Hostname() != u.Hostname() {
		a.away = to.Hostname()
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		// The clock that o has may be another one than the machine's.
		shift := o.Now.Sub(before)
		a.dated, a.ahead = true, date.Sub(before.Add(after.Sub(before)/2).Add(shift))
		if a.ahead.Abs() < 2*time.Second {
			a.ahead = 0
		}
	}
	return a
}

// serverFindings tell who cannot be reached, and of a network that wants to
// be logged in to.
func serverFindings(answers []answer) (found []Finding) {
	reached, away := 0, map[string]int{}
	for _, a := range answers {
		if a.err == nil {
			reached++
		}
		if a.away != "" {
			away[a.away]++
		}
	}
	for _, a := range answers {
		if a.err == nil {
			continue
		}
		status := Fail
		if reached > 0 && a.err.Class != subscriptions.NeedsUser {
			status = Warn // the network is there: it is this server
		}
		found = append(found, Finding{Status: status, Found: a.host + ": " + a.err.Error(), Do: serverAdvice(a, reached)})
	}
	// One server may have moved; that several lead to one place is a hotspot.
	for host, n := range away {
		if n == reached && (n > 1 || len(answers) == 1) {
			found = append(found, warning("Open http://"+host+" in a browser and log in to the network, if you are in one that wants that",
				"%s led to %s: a network that is to be logged in to does that", many(n, "server"), host))
		}
	}
	if reached > 0 || len(found) == 0 {
		found = append([]Finding{good("%s reached", many(reached, "server"))}, found...)
	}
	return found
}

// serverAdvice is what to do where a server cannot be reached.
func serverAdvice(a answer, reached int) string {
	name := (&url.URL{Host: a.host}).Hostname()
	switch {
	case a.err.Code == subscriptions.CodeCertificate || a.err.Class == subscriptions.NeedsUser:
		return a.err.Hint()
	case strings.Contains(a.err.Error(), "no such host"):
		return "Check the name:" + run + "getent hosts " + Word(name) + "\nWhere other names are not found either, look who is asked for them:" + run + "cat /etc/resolv.conf"
	case strings.Contains(a.err.Error(), "connection refused"):
		return "The machine is there, but no server answers at this port: check that it is up. Bellwire keeps trying by itself"
	case reached == 0:
		return "Bellwire keeps trying by itself. Check the network:" + run + "ip route; ping -c 3 " + Word(name)
	}
	return "Other servers are reached: check that this one is up. Bellwire keeps trying by itself"
}

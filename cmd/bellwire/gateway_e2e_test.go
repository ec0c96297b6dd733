//go:build linux

package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"
)

// TestGateway is a team in small: what two streams say goes through one
// gateway and a real engine to five desktops. Desktops are killed, connections
// break, and the gateway dies when the engine has taken an event and nobody
// heard of it. Every desktop has everything once, and nothing goes round.
func TestGateway(t *testing.T) {
	engine := nchantest.Start(t)
	proxy := faultproxy.Start(t, engine.Addr()) // between the engine and the desktops
	hatch := newHatch(t, engine)                // between the gateway and the engine
	w := newTeam(t, "bellwire", hatch.URL, engine)
	w.join(proxy.URL("http", ""), 5)
	w.publish(10)
	w.awaitAll()

	// Two desktops are away, one of them by a crash; the others lose their
	// connections and find no server for a while.
	w.desktops[1].stop(syscall.SIGKILL)
	w.desktops[2].stop(syscall.SIGTERM)
	proxy.Refuse()
	proxy.Reset()
	w.publish(10)
	w.awaitInEngine(w.total())
	proxy.Accept()
	w.desktops[1].launchQuietly()
	w.desktops[2].launchQuietly()
	w.awaitAll()

	// The gateway dies between the engine's answer and its own note.
	before := w.inEngine()
	hatch.swallow.Store(true)
	w.publish(5)
	for range upstreams {
		select {
		case <-hatch.swallowed:
		case <-time.After(patience):
			t.Fatal("nothing is sent on")
		}
	}
	w.gateway.stop(syscall.SIGKILL)
	hatch.swallow.Store(false)
	w.publish(5) // to nobody: the streams replay it
	w.gateway.start("--headless", "--notifier", "none")
	// What was swallowed is at the engine twice.
	w.awaitInEngine(before + (5+5+1)*len(upstreams))
	w.awaitAll()
	w.check(w.desktops)

	// Somebody sends the team's stream back to where it comes from.
	w.desktops[0].run("set", "team", "--forward", "back=webhook:"+w.upstream.URL("/pub/ci"))
	w.publish(3)
	w.gateway.awaitSteps(3*len(upstreams), subscriptions.StepKept, subscriptions.ReasonLoop)
	w.awaitAll()
	w.publish(1) // behind whatever would still be going round
	w.gateway.awaitSteps(4*len(upstreams), subscriptions.StepKept, subscriptions.ReasonLoop)
	w.awaitAll()
	w.check(w.desktops)
}

// A hatch passes requests on to an engine. Told to swallow, it does so and
// never hands the answer back.
type hatch struct {
	*httptest.Server
	swallow   atomic.Bool
	swallowed chan struct{} // one for each answer
}

func newHatch(t *testing.T, engine *nchantest.Server) *hatch {
	d := &hatch{swallowed: make(chan struct{}, 16)}
	origin, err := url.Parse(engine.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(origin)
	d.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !d.swallow.Load() {
			proxy.ServeHTTP(rw, r)
			return
		}
		proxy.ServeHTTP(httptest.NewRecorder(), r)
		d.swallowed <- struct{}{}
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(d.Close)
	t.Cleanup(d.CloseClientConnections)
	return d
}

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain puts this very program on the PATH as bellwire, for the scripts
// and for the tests that need a process of its own to kill.
func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"bellwire": programMain})
}

// leakless are the tests, and the verdict that they have left no goroutine.
type leakless struct{ *testing.M }

func (l leakless) Run() int {
	before := goleak.IgnoreCurrent() // Fyne's own
	if code := l.M.Run(); code != 0 {
		return code
	}
	var err error
	for range 20 { // each look takes about a second: processes are ending too
		if err = goleak.Find(before); err == nil {
			return 0
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// TestScripts runs testdata/script: one file a behaviour of the command line,
// to be read as documentation.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			// One folder for each script, and no desktop.
			env.Setenv("BELLWIRE_DIR", env.WorkDir+"/b")
			env.Setenv("TZ", "UTC")
			for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"} {
				env.Setenv(name, "")
			}
			// A server that takes whatever it is asked.
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
			env.Defer(server.Close)
			env.Setenv("ANSWERS", server.URL)
			return nil
		},
	})
}

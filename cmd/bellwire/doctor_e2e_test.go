//go:build linux

package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/doctor"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// examine runs the doctor and returns its report. What is wrong has to show in
// the exit code.
func (p *program) examine(args ...string) doctor.Report {
	p.t.Helper()
	cmd := exec.Command(p.bin, append([]string{"doctor", "--json"}, args...)...)
	cmd.Env, cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Credential: p.user}
	out, err := cmd.Output()
	var r doctor.Report
	if jsonErr := json.Unmarshal(out, &r); jsonErr != nil {
		p.t.Fatalf("%v: %v\n%s", err, jsonErr, out)
	}
	if (err != nil) != (r.Failures > 0) || err != nil && cmd.ProcessState.ExitCode() != exitFailed {
		p.t.Errorf("%d failures, and it ended with %v", r.Failures, err)
	}
	return r
}

// finding is what the report says of one thing; its verdict has to be want.
func finding(t *testing.T, r doctor.Report, name string, want doctor.Status) doctor.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Name == name && (f.Status == want || want == "") {
			t.Logf("%-4s  %s  %s\n      → %s", f.Status, f.Name, f.Found, f.Do)
			return f
		}
	}
	t.Errorf("nothing is %s of %q in %+v", want, name, r.Findings)
	return doctor.Finding{}
}

// command is the part of an advice that is to be typed, as a person reads it:
// what an expression's group matches.
func command(t *testing.T, f doctor.Finding, expression string) string {
	t.Helper()
	m := regexp.MustCompile(expression).FindStringSubmatch(f.Do)
	if m == nil {
		t.Fatalf("no %s in the advice %q", expression, f.Do)
	}
	return m[1]
}

// with is p in an environment that somebody has changed.
func (p *program) with(env ...string) *program {
	changed := *p
	changed.env = append(append([]string{}, p.env...), env...)
	return &changed
}

// ordinary is p of a user whom modes stop: of another one, where this is root.
func (p *program) ordinary() *program {
	p.t.Helper()
	as := p.with()
	if os.Geteuid() != 0 {
		return as
	}
	as.user = &syscall.Credential{Uid: 65534, Gid: 65534}
	bin, err := exec.LookPath(p.bin)
	if err != nil {
		p.t.Fatal(err)
	}
	above := filepath.Dir(p.dir)
	as.bin = filepath.Join(above, "bellwire") // others may not look where it is
	put(p.t, bin, as.bin)
	if err := os.Chmod(above, 0o755); err != nil {
		p.t.Fatal(err)
	}
	err = filepath.WalkDir(p.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(as.user.Uid), int(as.user.Gid))
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return as
}

// obey types a command into a shell. Packages are there already.
func (p *program) obey(line string) {
	p.t.Helper()
	cmd := exec.Command("sh", "-ec", line)
	cmd.Env, cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Credential: p.user}
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// A damaged database: what is advised saves what can be read, or puts aside
// what can not, and nothing of it is lost.
func TestDoctorDamagedDatabase(t *testing.T) {
	for name, test := range map[string]struct {
		from   float64 // of the file
		advice string
		kept   string // pattern of what is kept
		feeds  string
	}{
		"at its end":       {0.6, `^Save what can be read.*:\n  (.* salvage .* restore \S+) && bellwire --dir \S+ run --headless\n`, "backups/bellwire-replaced-*.db", "1 feed"},
		"at its beginning": {0, `or begin anew.*:\n  (mkdir .*) && bellwire --dir \S+ run --headless$`, "damaged/bellwire.db", "none yet"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProgram(t)
			p.start("--headless", "--notifier", "none")
			p.run("add", "http://127.0.0.1:9/", "--name", "a", "--transport", "sse")
			finding(t, p.examine("--offline"), "database", doctor.OK)
			p.stop(syscall.SIGTERM)
			finding(t, p.examine("--offline"), "database", doctor.OK)

			size := damage(t, filepath.Join(p.dir, "bellwire.db"), test.from)
			f := finding(t, p.examine("--offline"), "database", doctor.Fail)
			// This build has a desktop, and nobody runs who was told to do without.
			f.Do = strings.ReplaceAll(f.Do, " run --headless", "")
			p.obey(command(t, f, strings.ReplaceAll(test.advice, " run --headless", "")))
			p.start("--headless", "--notifier", "none")
			r := p.examine("--offline")
			finding(t, r, "database", doctor.OK)
			if f := finding(t, r, "feeds", doctor.OK); !strings.Contains(f.Found, test.feeds) {
				t.Errorf("there are %s", f.Found)
			}
			kept, err := filepath.Glob(filepath.Join(p.dir, test.kept))
			if err != nil || len(kept) != 1 {
				t.Fatalf("what was damaged is not there any more: %v, %v", kept, err)
			}
			if info, err := os.Stat(kept[0]); err != nil || info.Size() != size {
				t.Errorf("what was damaged is not as it was: %v", err)
			}
			p.stop(syscall.SIGTERM)
		})
	}
}

// damage writes nonsense over six pages of a file, and returns its size.
func damage(t *testing.T, path string, from float64) int64 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := int(float64(len(b))*from) &^ 4095
	copy(b[at:], strings.Repeat("damage! ", 6*4096/8))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return int64(len(b))
}

// namespaces reports whether file systems of one's own can be had here: the
// kernel, or a container, may refuse them.
func namespaces() bool {
	return exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-euc", "mount -t tmpfs tmpfs /mnt").Run() == nil
}

// inNamespace runs a script with file systems of its own. sudo is what it has
// to be there: nothing.
func (p *program) inNamespace(script string) string {
	p.t.Helper()
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-euc", "sudo() { \"$@\"; }\nDIR="+p.dir+"\nmkdir -p $DIR\n"+script)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	p.t.Logf("%s", out)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// A data folder that has become read-only: what is advised is typed in the
// same shell.
func TestDoctorReadOnlyFolder(t *testing.T) {
	p := newProgram(t)
	if !namespaces() {
		t.Log("no file systems of one's own here: TestDoctorClosedFolder and internal/doctor's TestUnwritable stand in")
		return
	}
	p.inNamespace(`
mount -t tmpfs -o mode=0700,size=300m tmpfs $DIR
bellwire run --headless --notifier none --for 200ms 2>/dev/null
mount -o remount,ro $DIR
if bellwire doctor --offline >$DIR/../before; then echo no failure; exit 1; fi
grep -A1 'fail  data folder' $DIR/../before
eval "$(sed -n 's/^ *\(sudo mount -o remount,rw .*\)/\1/p' $DIR/../before)"
bellwire doctor --offline >$DIR/../after || true
grep 'ok    data folder' $DIR/../after
ls -A $DIR | grep doctor && exit 1
true`)
}

// A data folder whose modes have become wrong, of an ordinary user: what is
// closed because of that points to it, and what is advised there mends it all.
func TestDoctorClosedFolder(t *testing.T) {
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	p.stop(syscall.SIGTERM)
	as := p.ordinary()
	if err := os.Chmod(p.dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(p.dir, 0o700) })
	r := as.examine("--offline")
	for _, name := range []string{"log", "database"} {
		if f := finding(t, r, name, doctor.Fail); f.Do != "See data folder" {
			t.Errorf("it says %+v", f)
		}
	}
	as.obey(command(t, finding(t, r, "data folder", doctor.Fail), `:\n  (chmod 700 \S+)$`))
	r = as.examine("--offline")
	for _, name := range []string{"log", "database", "data folder"} {
		finding(t, r, name, doctor.OK)
	}
}

// A full disk: what is advised shows what takes it, and without that there is
// room again.
func TestDoctorFullDisk(t *testing.T) {
	p := newProgram(t)
	if !namespaces() {
		t.Log("no file systems of one's own here: internal/doctor's TestFullDisk stands in")
		finding(t, p.examine("--offline"), "disk space", "")
		return
	}
	p.inNamespace(`
mount -t tmpfs -o mode=0700,size=64m tmpfs $DIR
mkdir $DIR/films
dd if=/dev/zero of=$DIR/films/long.mkv bs=1M count=100 2>/dev/null || true
if bellwire doctor --offline >$DIR/../before; then echo no failure; exit 1; fi
grep -A1 'fail  d' $DIR/../before
eval "$(sed -n 's/^ *\(du .* tail -20\)$/\1/p' $DIR/../before | head -1)" >$DIR/../shown
grep long.mkv $DIR/../shown
rm "$(grep -o '/.*long.mkv' $DIR/../shown)"
bellwire doctor --offline >$DIR/../after || true
grep -A1 'disk space' $DIR/../after
grep 'ok    data folder' $DIR/../after
if grep 'fail  d' $DIR/../after; then exit 1; fi`)
}

// A clock that is wrong by hours, as the servers tell it, and as history does.
func TestDoctorWrongClock(t *testing.T) {
	var ahead atomic.Int64
	ahead.Store(int64(3 * time.Hour))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && (r.URL.Path != "/" || r.URL.RawQuery != "" || r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "") {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		w.Header().Set("Date", time.Now().Add(time.Duration(ahead.Load())).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	p.run("add", strings.Replace(server.URL, "://", "://ann:hush@", 1)+"/deep?token=hush", "--transport", "sse", "--header", "Cookie: hush", "--name", "a")
	r := p.examine()
	finding(t, r, "servers", doctor.OK)
	if f := finding(t, r, "clock of servers", doctor.Fail); !strings.Contains(f.Found, "is 3 h 0 min behind that of 127.0.0.1:") || !strings.Contains(f.Do, "timedatectl set-ntp true") {
		t.Errorf("it says %+v", f)
	}
	for _, f := range p.examine("--offline").Findings {
		if f.Name == "clock of servers" {
			t.Errorf("somebody was asked: %+v", f)
		}
	}
	p.stop(syscall.SIGTERM)
	ahead.Store(0) // as after setting the clock
	finding(t, p.examine(), "clock of servers", doctor.OK)

	db, err := storage.Open(t.Context(), filepath.Join(p.dir, "bellwire.db"), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	late := subscriptions.Event{Kind: subscriptions.KindEvent, Title: "late", Priority: 3, Received: time.Now().Add(2 * time.Hour)}
	if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: []subscriptions.Event{late}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	finding(t, p.examine(), "clock", doctor.Warn)
}

// A daemon that does not answer: what is advised ends it.
func TestDoctorHungDaemon(t *testing.T) {
	p := newProgram(t, "TZ=Europe/Berlin")
	p.start("--headless", "--notifier", "none")
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	// It is looked at where it is, not where the question is asked.
	elsewhere := p.with("TZ=Mars/Olympus", "DISPLAY=:4711")
	r := elsewhere.examine("--offline")
	f := finding(t, r, "daemon", doctor.Fail)
	if !strings.Contains(f.Found, "elsewhere") {
		t.Errorf("it says %+v", f)
	}
	finding(t, r, "clock", doctor.OK)
	finding(t, r, "display", doctor.OK) // it was told to do without
	p.obey(command(t, f, `\n  (kill -KILL \d+; sleep 2); bellwire --dir \S+ run --headless$`))
	_ = p.cmd.Wait()
	p.cmd = nil
	finding(t, p.examine("--offline"), "daemon", doctor.Warn)
	p.start("--headless", "--notifier", "none")
	finding(t, p.examine("--offline"), "daemon", doctor.OK)
}

// Troubles of feeds are told with what to do, and secrets are not.
func TestDoctorFeeds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer server.Close()
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	p.run("add", strings.Replace(server.URL, "://", "://ann:hush@", 1)+"/?token=hush", "--transport", "sse", "--name", "refused")
	p.run("add", "http://127.0.0.1:9/?token=hush", "--transport", "sse", "--name", "away", "--proxy", "http://ann:hush@127.0.0.1:9")
	p.awaitState("refused", subscriptions.StateBlocked)
	p.awaitState("away", subscriptions.StateWaiting)
	p.run("mute", "--for", "1h")
	r := p.examine()
	if f := finding(t, r, "feeds", doctor.Fail); !strings.Contains(f.Found, "refused") || !strings.Contains(f.Do, "bellwire set") {
		t.Errorf("it says %+v", f)
	}
	finding(t, r, "feeds", doctor.Warn)
	finding(t, r, "servers", doctor.Warn)
	p.obey(command(t, finding(t, r, "held back", doctor.Warn), `\n  (bellwire .* unmute)$`))
	finding(t, p.examine("--offline"), "held back", doctor.OK)
	if told, err := json.Marshal(r); err != nil || strings.Contains(string(told), "hush") {
		t.Errorf("a secret is told: %s, %v", told, err)
	}
	p.run("remove", "refused")
	p.run("remove", "away")
	if r := p.examine(); r.Failures+r.Warnings > 0 {
		t.Errorf("still: %+v", r.Findings)
	}
}

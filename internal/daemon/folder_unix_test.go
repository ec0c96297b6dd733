//go:build unix

package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where another user may write, that user could put a database or a socket
// there first, and read what it is told.
func TestFoldersThatOthersCanChange(t *testing.T) {
	for name, tc := range map[string]struct {
		mode        os.FileMode
		owner, user int
		want        string
	}{
		"one's own":                   {0o700, 1000, 1000, ""},
		"readable by others":          {0o755, 1000, 1000, ""},
		"a group's":                   {0o775, 1000, 1000, ""},
		"everybody's":                 {0o777, 1000, 1000, "every user"},
		"the one for temporary files": {os.ModeSticky | 0o777, 0, 1000, "every user"},
		"another user's":              {0o755, 1001, 1000, "user 1001"},
		"root's":                      {0o755, 0, 1000, ""},
		"root in a container":         {0o755, 1000, 0, ""},
		"root, everybody's":           {0o777, 1000, 0, "every user"},
	} {
		got := exposed(tc.mode, tc.owner, tc.user)
		if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestMakeRefusesAFolderThatOthersCanChange(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shared")
	dirs, err := FindDirs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := dirs.Make(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := dirs.Make(); err == nil || !strings.Contains(err.Error(), "every user") {
		t.Errorf("%v", err)
	}
}

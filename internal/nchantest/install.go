package nchantest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// errMissing means that the machine has no nginx or no nchan module.
var errMissing = errors.New("nginx with the nchan module is not installed (on Debian: nginx, libnginx-mod-nchan): run `make deps`")

// moduleDirs are where distributions put nginx's dynamic modules.
var moduleDirs = []string{
	"/usr/lib/nginx/modules",
	"/usr/lib64/nginx/modules",
	"/usr/share/nginx/modules",
	"/usr/local/lib/nginx/modules",
	"/usr/local/libexec/nginx",
	"/etc/nginx/modules",
	"/opt/homebrew/lib/nginx/modules",
}

// find returns the paths of the nginx executable and of the nchan module.
func find() (nginx, module string, err error) {
	nginx, err = exec.LookPath("nginx")
	if err != nil {
		// Debian installs it outside an ordinary user's PATH.
		nginx, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil {
		return "", "", errMissing
	}
	for _, dir := range moduleDirs {
		module = filepath.Join(dir, "ngx_nchan_module.so")
		if _, err := os.Stat(module); err == nil {
			return nginx, module, nil
		}
	}
	return "", "", errMissing
}

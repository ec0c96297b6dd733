package control

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
)

// maxSocketPath is what every system's sockaddr_un can hold.
const maxSocketPath = 103

// Listen makes the socket at path, for this user only: mode 0600, and on
// Linux every peer's user is checked as well. A socket file left behind is
// replaced, so the caller must hold the instance lock; one that somebody answers
// on is an error, since the lock may lie in another folder than the socket.
func Listen(path string, log *slog.Logger) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the socket's path %q is longer than %d bytes: choose a shorter folder with --dir", path, maxSocketPath)
	}
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return nil, Refuse(http.StatusConflict, "Stop it with: bellwire quit, or choose another folder with --dir", "another Bellwire answers on the socket %q", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &ownListener{Listener: l, log: log}, nil
}

// ownListener accepts peers of the same user only.
type ownListener struct {
	net.Listener
	log *slog.Logger
}

func (l *ownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if err := checkPeer(c); err == nil {
			return c, nil
		} else {
			l.log.Warn("control connection refused", "error", err)
			c.Close()
		}
	}
}

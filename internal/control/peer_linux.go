package control

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// checkPeer accepts this user and root.
func checkPeer(c net.Conn) error {
	uid, err := peerUser(c)
	if err != nil {
		return err
	}
	return allowed(uid, os.Getuid())
}

// checkServer accepts a daemon of this user's or root's, so that nobody else is
// told what is meant for it. Root may speak with everybody's.
func checkServer(c net.Conn) error {
	if os.Getuid() == 0 {
		return nil
	}
	return checkPeer(c)
}

func allowed(peer, user int) error {
	if peer != user && peer != 0 {
		return fmt.Errorf("user %d is not user %d", peer, user)
	}
	return nil
}

// peerUser is the user at the other end: of a daemon, the one that listened
// (SO_PEERCRED, unix(7)).
func peerUser(c net.Conn) (int, error) {
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *syscall.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if credErr != nil {
		return 0, credErr
	}
	return int(cred.Uid), nil
}

package storage_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"bellwire/storage"
)

// fullDisk is the size, in bytes, that no file of this process may exceed,
// and the database that it then upgrades, as "SIZE PATH".
const fullDisk = "BELLWIRE_TEST_FULL"

// limited upgrades a database where files cannot grow; false: this process is
// for something else.
func limited() bool {
	size, path, found := strings.Cut(os.Getenv(fullDisk), " ")
	if !found {
		return false
	}
	signal.Ignore(syscall.SIGXFSZ) // so that writing fails instead
	n, err := strconv.ParseUint(size, 10, 64)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
	}
	if err == nil {
		var db *storage.DB
		if db, err = storage.Open(context.Background(), path, storage.Options{}); err == nil {
			err = db.Close()
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(7)
	}
	return true
}

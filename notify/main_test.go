package notify

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// beeepChild in the environment makes this program the child of the beeep
// backend.
const beeepChild = "BELLWIRE_TEST_BEEEP_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(beeepChild) != "" {
		if err := SendBeeep(os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if part := os.Getenv(execPart); part != "" {
		playExec(part, os.Args[1:])
		return
	}
	goleak.VerifyTestMain(m)
}

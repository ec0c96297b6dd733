package secrets

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes of this program the child processes that the tests need.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case "keyring":
			if err := ServeKeyring(os.Stdin, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case "hang":
			select {} //nolint:staticcheck // until it is ended
		case "flood":
			for {
				if _, err := os.Stdout.Write(make([]byte, 1<<16)); err != nil {
					os.Exit(1)
				}
			}
		case "nonsense":
			fmt.Println("no JSON")
			os.Exit(0)
		}
	}
	goleak.VerifyTestMain(m)
}

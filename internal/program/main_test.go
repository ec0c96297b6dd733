package program

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// played in the environment makes this program one that Run runs.
const played = "BELLWIRE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if part := os.Getenv(played); part != "" {
		play(part, os.Args[1:])
		return
	}
	goleak.VerifyTestMain(m)
}

func play(part string, args []string) {
	switch part {
	case "echo": // what it was told, as a failure
		in, _ := io.ReadAll(os.Stdin)
		fmt.Fprintf(os.Stderr, "%q %q %q\n", args, os.Getenv("TOLD"), in)
		os.Exit(3)
	case "fail":
		code, _ := strconv.Atoi(args[0])
		fmt.Fprint(os.Stderr, strings.Join(args[1:], ""))
		os.Exit(code)
	case "flood": // for ever
		for {
			fmt.Fprintln(os.Stdout, strings.Repeat("o", 1<<16))
			fmt.Fprintln(os.Stderr, strings.Repeat("e", 1<<16))
		}
	case "noisy":
		fmt.Fprintln(os.Stdout, strings.Repeat("o", 1<<20))
		fmt.Fprintln(os.Stderr, strings.Repeat("e", 1<<20))
	case "hold": // says that it runs, and stays until it is killed
		conn, err := net.Dial("tcp", args[0])
		if err != nil {
			os.Exit(1)
		}
		_, _ = io.Copy(io.Discard, conn)
	case "parent", "leave": // the child holds our standard error open
		child := exec.Command(os.Args[0], args...)
		child.Env = append(os.Environ(), played+"=hold")
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			os.Exit(1)
		}
		if part == "parent" {
			_ = child.Wait()
		}
	}
}

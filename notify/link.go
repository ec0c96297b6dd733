package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	// maxLink is the longest link that is opened, in bytes.
	maxLink = 8 << 10
	// openWait is how long a program that opens links may take to fail.
	openWait = 2 * time.Second
)

// errLink means that a link is not one that may be opened.
var errLink = errors.New("only http, https and mailto links are opened")

// OpenLink opens an http, https or mailto link with the program the user has
// chosen for it. Every other link is an error. It returns as soon as that
// program took it or failed, after 2 s at most.
func OpenLink(ctx context.Context, link string) error {
	return Activation{Link: link}.OpenLink(ctx)
}

// OpenLink is the function of the same name with a's token, so that the
// program may raise its window.
func (a Activation) OpenLink(ctx context.Context) error {
	link, err := safeLink(a.Link)
	if err != nil {
		return err
	}
	argv := opener(runtime.GOOS, link)
	cmd := exec.Command(argv[0], argv[1:]...) // outlives ctx, as a browser must
	cmd.SysProcAttr = detached()
	cmd.Env = a.Environ()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("opening a link: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // it may stay as long as the browser
	wait := time.NewTimer(openWait)
	defer wait.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("opening a link with %s: %w", argv[0], err)
		}
		return nil
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Environ is the environment of a program that reacts to a: ours, with the
// token that lets it come to the front.
func (a Activation) Environ() []string {
	if a.Token == "" {
		return os.Environ()
	}
	return append(os.Environ(), "XDG_ACTIVATION_TOKEN="+a.Token, "DESKTOP_STARTUP_ID="+a.Token)
}

// opener is the command that opens link. None of them is a shell.
func opener(goos, link string) []string {
	switch goos {
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", link}
	case "darwin":
		return []string{"open", link}
	default:
		return []string{"xdg-open", link}
	}
}

// safeLink parses link and writes it anew, so that what is opened is what was
// checked.
func safeLink(link string) (string, error) {
	if len(link) > maxLink {
		return "", fmt.Errorf("a link is longer than %d bytes", maxLink)
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", errLink
	}
	switch u.Scheme {
	case "http", "https":
		if u.Hostname() == "" || u.Opaque != "" {
			return "", errLink
		}
	case "mailto":
		if u.Opaque == "" {
			return "", errLink
		}
		u.RawQuery = safeMail(u.RawQuery)
	default:
		return "", errLink
	}
	s := u.String()
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return "", errLink
	}
	return s, nil
}

// safeMail keeps what a mail may be prepared with: some programs also take
// files to attach.
func safeMail(query string) string {
	pairs := slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return !slices.Contains([]string{"subject", "body", "to", "cc"}, strings.ToLower(name))
	})
	return strings.Join(pairs, "&")
}

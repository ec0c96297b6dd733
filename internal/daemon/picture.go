package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // what is recognised
	_ "image/jpeg"
	_ "image/png"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	_ "golang.org/x/image/webp"
)

const (
	// pictureTime bounds the fetching of a picture, redirects included.
	pictureTime = 20 * time.Second
	// maxPicture is the largest picture in bytes, maxPixels what it may be
	// unpacked: a small file can hold a very large picture.
	maxPicture = 8 << 20
	maxPixels  = 50_000_000
	// maxPictureRedirects is how many redirects in a row are followed.
	maxPictureRedirects = 5
)

// pictureTypes are those that the window can show. SVG is none of them: it is
// a program to draw by.
var pictureTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// Picture implements [control.Desk].
func (a *App) Picture(ctx context.Context, seq int64) (control.Picture, error) {
	e, err := a.Event(ctx, seq)
	if err != nil {
		return control.Picture{}, err
	}
	if e.Image == "" {
		return control.Picture{}, control.Refuse(http.StatusNotFound, "", "event %d has no picture", seq)
	}
	u, err := url.Parse(e.Image)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return control.Picture{}, control.Refuse(http.StatusBadRequest, "", "the picture's address is no web address")
	}
	ctx, cancel := context.WithTimeout(ctx, pictureTime)
	defer cancel()
	client, err := a.pictureClient(ctx, e.Feed)
	if err != nil {
		return control.Picture{}, err
	}
	defer client.CloseIdleConnections()
	p, err := fetchPicture(ctx, client, u)
	if err != nil {
		hint := "Open its address in a browser to see what is there."
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("it took longer than %v", pictureTime)
		}
		return control.Picture{}, control.Refuse(http.StatusBadGateway, hint, "the picture cannot be fetched: %v", err)
	}
	return p, nil
}

// pictureClient asks the feed's own host through the feed's proxy and trusts
// what the feed trusts; all others as if there were no feed. It never says
// who the feed is: whoever may write into the stream chose the address.
func (a *App) pictureClient(ctx context.Context, feed string) (*http.Client, error) {
	t := subscriptions.Target{}
	f, err := a.db.Feed(ctx, feed)
	if err == nil {
		t.URL = f.URL
		f.Auth = slices.DeleteFunc(slices.Clone(f.Auth), func(c subscriptions.Credential) bool { return c.By != subscriptions.AuthProxy })
		f.TLS.CertFile, f.TLS.KeyFile = "", ""
		if err := a.secrets.Prepare(ctx, f, &t); err != nil {
			return nil, err
		}
	}
	if own, err := url.Parse(f.URL); err == nil && t.Proxy != nil {
		feeds := t.Proxy
		t.Proxy = func(r *http.Request) (*url.URL, error) {
			if strings.EqualFold(r.URL.Hostname(), own.Hostname()) {
				return feeds(r)
			}
			return http.ProxyFromEnvironment(r)
		}
	}
	proxy := http.ProxyFromEnvironment
	if t.Proxy != nil {
		proxy = t.Proxy
	}
	client := subscriptions.NewClient(t, subscriptions.ClientOptions{})
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) > maxPictureRedirects {
			return fmt.Errorf("more than %d redirects", maxPictureRedirects)
		}
		err := subscriptions.CheckRedirect(req, via)
		anonymous(req)
		if through, perr := proxy(req); perr == nil && through != nil {
			return err // it is the proxy that finds the host, from where it stands
		}
		if err == nil && subscriptions.Depth(req.Context(), req.URL.Hostname()) > subscriptions.Depth(req.Context(), via[0].URL.Hostname()) {
			return errors.New("its server leads to an address inside this machine or its network")
		}
		return err
	}
	return client, nil
}

// anonymous leaves nothing in req that tells who asks or from where.
func anonymous(req *http.Request) {
	req.URL.User = nil
	req.Header = http.Header{"Accept": {strings.Join(pictureTypes, ", ")}, "User-Agent": {"bellwire"}}
}

func fetchPicture(ctx context.Context, client *http.Client, u *url.URL) (p control.Picture, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return p, errors.New("its address cannot be asked")
	}
	anonymous(req)
	resp, err := client.Do(req)
	if err != nil {
		return p, subscriptions.DialError(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p, fmt.Errorf("the server answered %s", strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", http.StatusText(resp.StatusCode))))
	}
	if err := checkPictureHeader(resp); err != nil {
		return p, err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxPicture+1))
	switch {
	case err != nil:
		return p, fmt.Errorf("it broke off: %w", subscriptions.DialError(err))
	case len(data) > maxPicture:
		return p, errTooLarge
	}
	return recognise(data)
}

var errTooLarge = fmt.Errorf("it is larger than %d MiB", maxPicture>>20)

// checkPictureHeader refuses what need not be read.
func checkPictureHeader(resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch coding := resp.Header.Get("Content-Encoding"); {
	case kind == "image/svg+xml":
		return errors.New("it is an SVG drawing, which is not shown since it can hold a program")
	case kind != "image/jpg" && !slices.Contains(pictureTypes, kind):
		return errors.New("what is there is no PNG, JPEG, GIF or WebP picture")
	case coding != "" && coding != "identity":
		return errors.New("it is packed in a way that nobody asked for")
	case resp.ContentLength > maxPicture:
		return errTooLarge
	}
	return nil
}

// recognise looks at what the data themselves are.
func recognise(data []byte) (control.Picture, error) {
	kind := http.DetectContentType(data)
	if !slices.Contains(pictureTypes, kind) {
		return control.Picture{}, errors.New("it says that it is a picture, and is none")
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil || c.Width < 1 || c.Height < 1:
		return control.Picture{}, errors.New("the picture is damaged")
	case int64(c.Width)*int64(c.Height) > maxPixels:
		return control.Picture{}, fmt.Errorf("%d by %d pixels are too many", c.Width, c.Height)
	}
	return control.Picture{Type: kind, Data: data}, nil
}

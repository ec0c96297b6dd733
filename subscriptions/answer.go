package subscriptions

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// CheckAnswer reports why an answer of status 200 cannot be one to a question
// for data: it is a page for people or a stream without an end, or it is
// compressed in a way that [ReadAnswer] does not know.
func CheckAnswer(resp *http.Response) error {
	switch MediaType(resp.Header) {
	case "text/html", "text/event-stream":
		return HTTPError(resp)
	}
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity", "gzip", "x-gzip":
		return nil
	default:
		return Failf(NeedsUser, CodeNotStream, "the server compresses its answer in a way that it was not asked for")
	}
}

// MediaType is the Content-Type in lower case and without its parameters.
func MediaType(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// ReadAnswer reads an answer's body, decompressed as its header says. Of a
// longer one it reads limit+1 bytes.
func ReadAnswer(header http.Header, body io.Reader, limit int64) ([]byte, error) {
	if e := strings.ToLower(header.Get("Content-Encoding")); strings.HasSuffix(e, "gzip") {
		unzipped, err := gzip.NewReader(body)
		if errors.Is(err, io.EOF) {
			return nil, nil // nothing at all, as with no content
		}
		if err != nil {
			return nil, brokenOff(err)
		}
		body = unzipped
	}
	b, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, brokenOff(err)
	}
	return b, nil
}

// brokenOff is an answer that has no end, or cannot be decompressed.
func brokenOff(err error) error {
	code := CodeLost
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		code = CodeTimeout
	} else if corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		code = CodeProtocol
	}
	return Failf(Transient, code, "the answer broke off: %w", Terse(err))
}

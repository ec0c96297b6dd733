// Package feedfile reads and writes feeds as files: Bellwire's own YAML,
// described in docs/feeds-file.md, and what people have from elsewhere (ntfy's
// client.yml, a list of addresses).
//
// A file names secrets and holds none. What is read may come from anybody: it
// is bounded before it is parsed. The package must not know the daemon; what
// it reads are requests that the daemon still has to accept.
package feedfile

// Package transporttest is what every transport has to do, as tests: one
// suite, run against each of them with a description of how its servers
// speak.
//
// Real behaviour is asked of nchan; what no sane server does comes from a
// server written byte by byte. It knows no transport.
package transporttest

// Package clocktest gives tests a program whose wall clock can jump while it
// runs. The program's own sources know nothing of it: Build adds two files to
// package main, and they put a function of their own in the place of the
// kernel's clock_gettime, by which Go's runtime reads every clock (its
// pointer into the vDSO). Only package main is compiled for it, not the
// standard library and all that imports it.
//
// What moves is all that comes from time.Now, in every package and thread.
// What does not: the monotonic clock, and so timers, deadlines and durations
// between two readings of time.Now, as with a real jump; the time of files,
// which the kernel notes; SQLite's own 'now' (modernc.org/libc makes the
// system call) and C's time; and a reading before package main begins, in
// another package's init. A program that is started by one inherits the
// clock's file, but heeds it only when it was built so too.
//
// It works on Linux on amd64. It is for tests alone and must know nothing of
// Bellwire but where its sources are.
package clocktest

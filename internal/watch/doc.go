// Package watch tells people what a stream cannot tell them itself: that a
// feed is too quiet ([Silence]), and that connections are in trouble for a
// while ([Trouble]). Both say so once, with a notice in history, and once
// more when it is over; what they have told survives a restart.
//
// Each has one timer, and none while there is nothing to wait for. The
// machine's sleep is nobody's silence and nobody's trouble.
//
// It must not know how feeds are connected, or how notices are shown.
package watch

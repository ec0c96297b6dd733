// Package policy decides what a person is told, and when: it filters, holds,
// summarises or lets an event be shown.
//
// Everything here is a function of its arguments, the time among them. The
// package must not know desktops, storage or clocks.
package policy

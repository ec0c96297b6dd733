// Package secrets is what a feed shows of itself to its server, and what it
// asks the server to show: it keeps secrets where the system keeps them,
// follows references to them for every attempt, and reads certificates.
//
// It must not know feeds' history, states or connections. A secret leaves it
// only inside a [subscriptions.Target]; no error of its names one.
package secrets

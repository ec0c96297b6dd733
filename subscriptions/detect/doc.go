// Package detect finds out what an address is that a person has pasted: by
// its shape, by a few harmless GET requests to that host and no other, and by
// what the stream says first.
//
// Everything is bounded: [MaxRequests] of at most [RequestTime] each, of
// bodies [MaxBody], and [ListenTime] of listening. A redirect to another host
// is told and not followed. No credentials are sent but those in the address
// itself, and these only there.
//
// It must not know storage, and transports only by their interface.
package detect

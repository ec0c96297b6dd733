// Package doctor looks for what keeps Bellwire from working: the display, the
// session bus, the tray, notifications, the keyring, folders, the disk, the
// database, clocks, the network and the feeds, and says of each what to do.
//
// It changes nothing. The one file that it writes is a probe in Bellwire's own
// folders, which it removes again. It starts no service, asks no keyring to be
// unlocked and shows no notification; the servers of feeds are asked once
// each, without credentials, unless [Options.Offline].
//
// It must not know how its findings are printed.
package doctor

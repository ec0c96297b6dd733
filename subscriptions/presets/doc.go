// Package presets knows kinds of servers: where their streams are, how one
// speaks with them, and what their payloads mean. Each is a file of YAML, this
// package's own or a person's; docs/presets.md says how to write one.
//
// It must not know transports or storage, and contacts nobody: package detect
// finds out which preset an address needs.
package presets

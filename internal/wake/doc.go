// Package wake tells when the machine has woken from sleep or its network has
// changed, the two moments in which connections die without a word.
//
// Where they exist it listens to logind and NetworkManager on a private
// connection to the system bus, which costs nothing while nothing happens.
// Elsewhere it compares clocks, and only while somebody waits for the network
// anyway. It must not know what is done about a wake.
package wake

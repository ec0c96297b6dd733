//go:build !unix

package upgrade

// trusted relies on what the system lets others do where programs are.
func (p *Program) trusted() error { return nil }

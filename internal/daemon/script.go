package daemon

import (
	"bellwire/subscriptions"
	"bellwire/subscriptions/converse"
	"bellwire/subscriptions/supervisor"
)

// script puts package converse behind the supervisor's interface.
func (a *App) script(f subscriptions.Feed) (supervisor.Script, error) {
	s, err := converse.Compile(f)
	if s == nil || err != nil {
		return nil, err // no interface around nothing
	}
	s.Log = a.log.With("feed", f.ID)
	return s, nil
}

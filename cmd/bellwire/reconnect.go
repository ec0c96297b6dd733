package main

type reconnectCmd struct {
	ID string `arg:"" optional:"" help:"The feed's id, as bellwire feeds shows it. Default: every feed that is not paused."`
}

func (c *reconnectCmd) Run(e *env) error {
	if c.ID == "" {
		return e.client().Reconnect(e.ctx)
	}
	_, err := e.client().ReconnectFeed(e.ctx, c.ID)
	return err
}

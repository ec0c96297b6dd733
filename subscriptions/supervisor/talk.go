package supervisor

import (
	"context"

	"bellwire/subscriptions"
)

// prepare completes a target, for one connection.
func (o *owner) prepare(ctx context.Context, t *subscriptions.Target) error {
	script, err := o.script()
	if err != nil {
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeBadFeed, err)
	}
	if err := o.opts.Prepare(ctx, o.feed, t); err != nil {
		return err
	}
	if script != nil {
		t.Talk = script.Begin(t.Cursor, t.FrameSecret)
	}
	return nil
}

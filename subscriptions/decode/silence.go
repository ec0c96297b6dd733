package decode

import (
	"fmt"

	"bellwire/subscriptions/expression"
)

// silenceWhen is the setting that says which events end a silence.
const silenceWhen = "silence.when"

// listen compiles what the feed says about silence. Where the condition fails
// for an event, that one counts: an alarm that nobody can explain is worse
// than a late one, and the event says what failed.
func (d *Decoder) listen() error {
	d.hears = d.feed.Silence.After > 0
	source := d.feed.Silence.When
	if source == "" || !d.hears {
		return nil
	}
	var err error
	if d.silence, err = expression.CompileCondition(source); err != nil {
		return fmt.Errorf("%s: %w", silenceWhen, err)
	}
	if d.silence.UsesSecret() {
		return fmt.Errorf("%s: secret is for what a feed sends", silenceWhen)
	}
	return nil
}

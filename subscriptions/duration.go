package subscriptions

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Duration is a [time.Duration] that is written like "1m30s" in JSON.
type Duration time.Duration

// String is the duration as people write it: 1m30s.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalJSON writes a text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a text.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a duration is a text like %q", "1m30s")
	}
	t, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is no duration: write it like %q", s, "1m30s")
	}
	*d = Duration(t)
	return nil
}

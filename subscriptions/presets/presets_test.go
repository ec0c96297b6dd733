package presets_test

import (
	"errors"
	"testing"

	"bellwire/subscriptions"
	"bellwire/subscriptions/converse"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/presets"
)

// check compiles what a preset says.
func check(f subscriptions.Feed) error {
	_, talk := converse.Compile(f)
	_, read := decode.Compile(f)
	return errors.Join(talk, read)
}

func TestEveryPresetCompiles(t *testing.T) {
	set, err := presets.Load("", check)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.All()); n != 19 {
		t.Errorf("there are %d presets", n)
	}
}

package tray

import "context"

// probe: the menu bar is part of the system.
func probe(context.Context) (host bool, err error) { return true, nil }

func prepare() {}

func nativeIcon(png []byte) []byte { return png }

func escape(label string) string { return label }

// registerLate has nothing to do here: icons need no panel to be there.
func registerLate(context.Context) error { return nil }

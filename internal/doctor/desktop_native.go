//go:build windows || darwin

package doctor

import (
	"context"
	"runtime"
)

func desktopChecks() []check {
	return []check{
		{groupDesktop, "notifications", lookNotifications},
		{groupDesktop, "keyring", lookKeyring},
	}
}

func lookNotifications(_ context.Context, o *Options) []Finding {
	if o.Daemon == nil {
		return []Finding{good("the desktop's own are used")}
	}
	if o.Daemon.NotifierError != "" {
		return []Finding{failure("Try it:"+run+o.Program+" notify-test", "the last trouble of %s: %s", o.Daemon.Notifier, o.Daemon.NotifierError)}
	}
	found := []Finding{good("%s", o.Daemon.Notifier)}
	if by := o.Daemon.DND; by != "" {
		f := warning("End it in the system's notification settings", "on, says %s: notifications wait until it is off", by)
		f.Name = "do not disturb"
		found = append(found, f)
	}
	return found
}

func lookKeyring(context.Context, *Options) []Finding {
	if runtime.GOOS == "darwin" {
		return []Finding{good("the keychain of macOS")}
	}
	return []Finding{good("the Credential Manager of Windows")}
}

// ReachDisplay has nobody to ask: there is always a display.
func ReachDisplay(context.Context, string) error { return nil }

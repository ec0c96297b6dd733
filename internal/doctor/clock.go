package doctor

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"
)

// Differences of clocks that are no fault: a request's way, whole seconds of
// a Date, and events stored just now.
const (
	clockClose = time.Minute
	clockFar   = 5 * time.Minute
)

func lookClock(_ context.Context, o *Options) []Finding {
	switch {
	case !o.Built.IsZero() && o.Now.Before(o.Built.Add(-clockClose)):
		return []Finding{failure(here().clock, "it says %s, which is before this Bellwire was built (%s)", moment(o.Now), moment(o.Built))}
	case !o.Newest.IsZero() && o.Now.Before(o.Newest.Add(-clockClose)):
		return []Finding{warning("Where that is the time, the clock was ahead before, and nothing is to be done: times in history stay as they are, and this warning ends by itself at "+moment(o.Newest)+"\nElse:\n"+here().clock,
			"it says %s, but the newest event in history came at %s: it is %s behind now, or was ahead then", moment(o.Now), moment(o.Newest), span(o.Newest.Sub(o.Now)))}
	}
	name, _ := o.Now.Local().Zone()
	if zone := strings.TrimPrefix(os.Getenv("TZ"), ":"); zone != "" && zone != "UTC" && !strings.HasPrefix(zone, "/") {
		if _, err := time.LoadLocation(zone); err != nil {
			return []Finding{warning("Leave it to the system:"+run+"unset TZ; "+o.quit()+o.start()+"\nor name it, as in:"+run+"export TZ=Europe/Berlin; "+o.quit()+o.start(),
				"the time zone %q (TZ) is not known: quiet hours and times are told in UTC", zone)}
		}
	}
	return []Finding{good("%s, time zone %s", moment(o.Now), name)}
}

// clockFinding compares this machine's clock with those of servers; nothing
// where none told its own.
func clockFinding(answers []answer) []Finding {
	var told []answer
	for _, a := range answers {
		if a.dated {
			told = append(told, a)
		}
	}
	if len(told) == 0 {
		return nil
	}
	slices.SortStableFunc(told, func(a, b answer) int {
		return int(a.ahead.Abs()/time.Millisecond) - int(b.ahead.Abs()/time.Millisecond)
	})
	middle := told[len(told)/2]
	far := slices.ContainsFunc(told, func(a answer) bool { return a.ahead.Abs() <= clockClose })
	var f Finding
	switch {
	case middle.ahead.Abs() <= clockClose || far && len(told) == 2:
		f = good("this machine's clock and %s agree", many(len(told), "server"))
		if last := told[len(told)-1]; last.ahead.Abs() > clockClose {
			f.Found = "this machine's clock is right; that of " + last.host + " is off by " + span(last.ahead.Round(time.Minute))
		}
	default:
		which := "ahead of"
		if middle.ahead > 0 {
			which = "behind"
		}
		f = Finding{Status: Warn, Found: "this machine's clock is " + span(middle.ahead.Round(time.Minute)) + " " + which + " that of " + middle.host, Do: here().clock}
		if len(told) == 1 {
			f.Do += "\nWhere it is right already, the server's is wrong: tell whoever runs it"
		}
		if middle.ahead.Abs() > clockFar {
			f.Status = Fail
		}
	}
	f.Name = "clock of servers"
	return []Finding{f}
}

package words

// Failure tells why Bellwire did not start, by the kind that storage gives the
// refusal of a database, or "folder"; empty for others.
func Failure(kind string) (title, text string) {
	switch kind {
	case "newer":
		return Say("failure.newer"), Say("failure.newer.text")
	case "damaged":
		return Say("failure.damaged"), Say("failure.damaged.text")
	case "foreign":
		return Say("failure.foreign"), Say("failure.foreign.text")
	case "room":
		return Say("failure.room"), Say("failure.room.text")
	case "upgrade":
		return Say("failure.upgrade"), Say("failure.upgrade.text")
	case "folder":
		return Say("failure.folder"), Say("failure.folder.text")
	}
	return "", ""
}

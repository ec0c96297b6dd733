package decode

import "slices"

// role is what a field is to a person.
type role int

const (
	noRole role = iota
	roleTitle
	roleBody
	roleLink
	rolePriority
	roleTime
	roleID
	roleTags
	roleActions
	roles
)

// usualNames are the lower-case names of fields by role, the most telling
// first.
var usualNames = [roles][]string{
	roleTitle: {"title", "subject", "summary", "headline"},
	roleBody: {
		"message", "body", "text", "content", "description", "msg", "content_text", "contentsnippet",
		"desc", "error", "fallback",
	},
	roleLink: {
		"html_url", "web_url", "url", "link", "click", "href", "permalink", "title_link", "alert_url", "full_url",
		"compare", "compare_url", "dashboardurl", "generatorurl", "externalurl",
	},
	// The last ones only as words: a status of 1 is no priority.
	rolePriority: {"priority", "severity", "level", "urgency", "conclusion", "status", "state", "health"},
	roleTime: {
		"time", "timestamp", "created_at", "created", "date", "datetime", "published", "date_published", "pubdate",
		"occurred_at", "time_fired", "startsat", "activeat", "lasttimestamp", "origin_server_ts",
	},
	roleID:      {"id", "event_id", "uuid", "guid"},
	roleTags:    {"tags", "labels", "categories", "keywords"},
	roleActions: {"actions"},
}

// maxRank is more than the names of any role are.
const maxRank = 16

// place is a role, and a name's place among those for it, counted from 1.
type place struct {
	role role
	rank int
}

var wellKnownNames = func() map[string]place {
	names := make(map[string]place)
	for r, list := range usualNames {
		for i, name := range list {
			names[name] = place{role(r), i + 1}
		}
	}
	return names
}()

// wellKnown is the role of a field with the given lower-case name.
func wellKnown(name string) (r role, rank int) {
	p := wellKnownNames[name]
	return p.role, p.rank
}

// Names of what an event is about, and of what became of that, the most
// telling first.
var (
	labelNames = []string{
		"friendly_name", "display_name", "name", "full_name", "slug", "alertname", "service", "check", "monitor",
		"job", "app", "device", "container", "hostname", "host", "entity_id", "table", "topic", "method", "from",
	}
	placeNames = []string{"full_name", "path_with_namespace", "slug", "name"}
	stateNames = []string{"conclusion", "result", "outcome", "action", "status", "state", "phase", "health"}
)

// nameOf are members that name the object that they are in.
var nameOf = []string{"attributes", "metadata", "labels", "commonlabels", "grouplabels", "actor"}

// places are members that say where something happened, and people those that
// say who did it: neither is what happened.
var (
	places = []string{"repository", "repo", "project"}
	people = []string{
		"user", "sender", "actor", "author", "owner", "pusher", "creator", "assignee", "assignees", "agent", "account",
		"organization", "org", "installation", "committer", "member", "customer", "old_record", "old_state", "links", "_links", "meta",
	}
)

// rankIn is a name's place in a list, counted from 1; 0 where it is not in it.
func rankIn(list []string, name string) int { return slices.Index(list, name) + 1 }

package feedfile

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellwire/subscriptions"

	"github.com/goccy/go-yaml/ast"
)

// ntfyHost is where topics are that name no host.
const ntfyHost = "https://ntfy.sh"

// A ntfyFile is ntfy's client.yml (https://docs.ntfy.sh/subscribe/cli/).
type ntfyFile struct {
	Host      string      `json:"default-host,omitempty"`
	User      string      `json:"default-user,omitempty"`
	Password  string      `json:"default-password,omitempty"`
	Token     string      `json:"default-token,omitempty"`
	Command   string      `json:"default-command,omitempty"`
	Subscribe []ntfyTopic `json:"subscribe,omitempty"`
}

type ntfyTopic struct {
	Topic    string  `json:"topic"`
	User     *string `json:"user,omitempty"`
	Password *string `json:"password,omitempty"`
	Token    *string `json:"token,omitempty"`
	Command  string  `json:"command,omitempty"`
	// If has filters by their name, which ntfy takes as query parameters.
	If map[string]string `json:"if,omitempty"`
}

func ntfySchema() *schema {
	word := func() *schema { return &schema{Type: text} }
	topic := &schema{Type: object, Others: false, Required: []string{"topic"}, Properties: map[string]*schema{
		"topic": word(), "user": word(), "password": word(), "token": word(), "command": word(),
		"if": {Type: object, Others: word()},
	}}
	return &schema{Type: object, Others: false, Properties: map[string]*schema{
		"default-host": word(), "default-user": word(), "default-password": word(), "default-token": word(), "default-command": word(),
		"subscribe": {Type: array, Items: topic, MaxItems: MaxFeeds},
	}}
}

// isNtfy tells by the names at the top.
func isNtfy(pairs []*ast.MappingValueNode) bool {
	return slices.ContainsFunc(pairs, func(p *ast.MappingValueNode) bool {
		key, _ := plainText(p.Key)
		return key == "subscribe" || strings.HasPrefix(key, "default-")
	})
}

func parseNtfy(root ast.Node) (Document, error) {
	doc := Document{Kind: KindNtfy}
	var file ntfyFile
	r := newReader()
	if err := r.into(root, ntfySchema(), &file); err != nil {
		return doc, err
	}
	if file.Command != "" {
		doc.Notes = append(doc.Notes, "default-command is not run: Bellwire shows notifications itself")
	}
	if len(file.Subscribe) == 0 {
		doc.Notes = append(doc.Notes, "the file subscribes to no topic")
	}
	for i, t := range file.Subscribe {
		line := r.lines["subscribe."+itoa(i)]
		f, err := file.feed(t)
		if err != nil {
			return doc, mistake(line, 0, "%v", err)
		}
		e := Entry{Feed: f, Line: line}
		if t.Command != "" {
			e.Notes = append(e.Notes, "its command is not run: Bellwire shows notifications itself")
		}
		doc.Entries = append(doc.Entries, e)
	}
	return doc, nil
}

// feed is a topic as a feed, with the credentials ntfy would show: those of
// the topic, else those of the default host, which no other host may see.
func (n ntfyFile) feed(t ntfyTopic) (Feed, error) {
	host := strings.TrimSuffix(cmp.Or(n.Host, ntfyHost), "/")
	address := t.Topic
	switch {
	case strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://"):
	case strings.Contains(address, "/"):
		address = "https://" + address
	default:
		address = host + "/" + address
	}
	u, err := subscriptions.ParseURL(strings.TrimSuffix(address, "/") + "/sse")
	if err != nil {
		return Feed{}, err
	}
	filter := url.Values{}
	for name, value := range t.If {
		filter.Set(name, value)
	}
	u.RawQuery = filter.Encode()
	f := Feed{
		Name:      strings.TrimPrefix(strings.TrimSuffix(u.Path, "/sse"), "/"),
		URL:       u.String(),
		Transport: subscriptions.TransportSSE,
		Settings: subscriptions.Settings{
			KeepAlive: subscriptions.Duration(45 * time.Second),
			Resume:    subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"},
			Dedupe:    subscriptions.Dedupe{Field: "id"},
			Mapping: subscriptions.Mapping{
				Format:    subscriptions.FormatJSON,
				KeepAlive: `data.event == "keepalive"`,
				Skip:      `data.event != "message"`,
				Title:     "{{ default(data.title, data.topic) }}",
				Body:      "{{ data.message }}",
				Link:      "{{ data.click ?? data.attachment.url }}",
				Priority:  "{{ data.priority }}",
				Tags:      "{{ data.tags }}",
				Icon:      "{{ data.icon }}",
				Actions:   "data.actions",
				Time:      "{{ data.time }}",
				ID:        "{{ data.id }}",
				Group:     "{{ data.topic }}",
			},
		},
	}
	if c, ok := n.credential(t, strings.HasPrefix(address+"/", host+"/")); ok {
		f.Auth = []Credential{c}
	}
	return f, nil
}

// credential is what the topic shows; one that is empty on purpose is none.
func (n ntfyFile) credential(t ntfyTopic, defaultHost bool) (Credential, bool) {
	if t.Token == nil && t.User == nil && defaultHost {
		t.Token, t.User, t.Password = &n.Token, &n.User, &n.Password
	}
	switch {
	case t.Token != nil && *t.Token != "":
		return Credential{By: subscriptions.AuthBearer, value: *t.Token}, true
	case t.User != nil && *t.User != "" && t.Password != nil && *t.Password != "":
		return Credential{By: subscriptions.AuthBasic, Name: *t.User, value: *t.Password}, true
	}
	return Credential{}, false
}

package feedfile

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"bellwire/subscriptions"
)

// A schema is the part of JSON Schema (draft 2020-12) that the format needs.
// It is made from the types that a file is read into, and is what a file is
// checked against: the two cannot differ.
type schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type,omitempty"`
	OneOf       []*schema          `json:"oneOf,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Const       any                `json:"const,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	// Others is false, or the schema of members with names of their own.
	Others   any      `json:"additionalProperties,omitempty"`
	Required []string `json:"required,omitempty"`
	// Examples are for people.
	Examples []string `json:"examples,omitempty"`

	duration bool // the text of a [subscriptions.Duration]
}

// JSON Schema's names of types.
const (
	object, array, text, integer, boolean = "object", "array", "string", "integer", "boolean"
)

// enums are the values of types that reflection cannot know.
func enums() map[reflect.Type][]string {
	return map[reflect.Type][]string{
		reflect.TypeFor[subscriptions.TransportName](): names(subscriptions.TransportAuto, subscriptions.TransportSSE, subscriptions.TransportWebSocket, subscriptions.TransportPoll, subscriptions.TransportLongPoll),
		reflect.TypeFor[subscriptions.ResumeBy]():      names(subscriptions.ResumeByHeader, subscriptions.ResumeByQuery, subscriptions.ResumeByFrame, subscriptions.ResumeByBackfill, subscriptions.ResumeByNone),
		reflect.TypeFor[subscriptions.BackfillOrder](): names(subscriptions.BackfillForwards, subscriptions.BackfillBackwards),
		reflect.TypeFor[subscriptions.AuthBy]():        names(subscriptions.AuthBearer, subscriptions.AuthBasic, subscriptions.AuthQuery, subscriptions.AuthCookie, subscriptions.AuthHeader, subscriptions.AuthProxy, subscriptions.AuthFrame, subscriptions.AuthForward),
		reflect.TypeFor[subscriptions.ForwardKind]():   names(subscriptions.ForwardNtfy, subscriptions.ForwardMercure, subscriptions.ForwardWebhook, subscriptions.ForwardProgram),
		reflect.TypeFor[subscriptions.Format]():        names(subscriptions.FormatAuto, subscriptions.FormatJSON, subscriptions.FormatLines, subscriptions.FormatForm, subscriptions.FormatText, subscriptions.FormatHTML, subscriptions.FormatMarkdown),
	}
}

func names[T ~string](values ...T) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// fileSchema is the schema of a [File].
func fileSchema() *schema {
	s := schemaOf(reflect.TypeFor[File]())
	s.Dialect, s.Title = "https://json-schema.org/draft/2020-12/schema", "Feeds of Bellwire"
	s.Description = "What bellwire export writes and bellwire import and apply read."
	s.Properties["version"] = &schema{Const: Version, Type: integer}
	feeds := s.Properties["feeds"]
	feeds.MaxItems = MaxFeeds
	feeds.Items.Properties["id"].Pattern = "^[a-z0-9][a-z0-9-]{0,39}$"
	return s
}

// schemaOf makes a schema of what encoding/json does with a type.
func schemaOf(t reflect.Type) *schema {
	switch t {
	case reflect.TypeFor[subscriptions.Duration]():
		return &schema{Type: text, Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`, Examples: []string{"1m30s"}, duration: true}
	case reflect.TypeFor[subscriptions.SecretRef]():
		return &schema{Type: text, Pattern: `^(keyring$|env:|file:|command:)`, Examples: []string{"keyring", "env:TOKEN", "file:/home/me/token", `command:["pass","show","token"]`}}
	case reflect.TypeFor[subscriptions.Frame]():
		return &schema{OneOf: []*schema{{Type: text}, structSchema(t)}}
	}
	if values := enums()[t]; values != nil {
		return &schema{Type: text, Enum: values}
	}
	switch t.Kind() {
	case reflect.String:
		return &schema{Type: text}
	case reflect.Bool:
		return &schema{Type: boolean}
	case reflect.Int:
		return &schema{Type: integer, Minimum: new(int)}
	case reflect.Slice:
		return &schema{Type: array, Items: schemaOf(t.Elem())}
	case reflect.Map:
		return &schema{Type: object, Others: schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	default:
		panic("the format has no " + t.String())
	}
}

func structSchema(t reflect.Type) *schema {
	s := &schema{Type: object, Others: false, Properties: map[string]*schema{}}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" {
			continue
		}
		s.Properties[name] = schemaOf(f.Type)
		switch {
		case t == reflect.TypeFor[subscriptions.Keep]():
			all := subscriptions.KeepAll
			s.Properties[name].Minimum = &all
		case t == reflect.TypeFor[subscriptions.Look]() && name == "colour":
			s.Properties[name].Enum = subscriptions.Colours
		}
		if !strings.Contains(options, "omit") {
			s.Required = append(s.Required, name)
		}
	}
	slices.Sort(s.Required)
	return s
}

// SchemaJSON is the JSON Schema of the format.
func SchemaJSON() []byte {
	b, err := json.MarshalIndent(fileSchema(), "", "  ")
	if err != nil {
		panic(err) // made of texts and numbers
	}
	return append(b, '\n')
}

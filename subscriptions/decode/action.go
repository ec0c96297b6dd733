package decode

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"github.com/tidwall/gjson"
)

// maxDeclared is how many of a payload's actions are looked at.
const maxDeclared = 16

// actionFields are the members of an action that say something.
var actionFields = []string{"action", "label", "title", "url", "uri", "method", "headers", "body"}

// errForeign is an action for another kind of device, which is no mistake.
var errForeign = errors.New("an action that only phones know")

// actionsOf reads actions from one object or a list of them, as in ntfy's
// messages. What cannot be offered is left out and told to bad, with its
// place counted from 1. Without lenient, an action has to say what it is: the
// name is used for much else.
func actionsOf(v gjson.Result, lenient bool, bad func(n int, err error)) (out []subscriptions.Action) {
	n := 0
	each := func(_, v gjson.Result) bool {
		n++
		a, err := action(v, lenient)
		switch {
		case err == nil:
			out = append(out, a)
		case !errors.Is(err, errForeign):
			bad(n, err)
		}
		return n < maxDeclared && len(out) < subscriptions.MaxActions
	}
	if v.IsArray() {
		v.ForEach(each)
	} else {
		each(gjson.Result{}, v)
	}
	return out
}

// action reads one.
func action(v gjson.Result, lenient bool) (a subscriptions.Action, err error) {
	if !v.IsObject() {
		return a, errors.New("it is no object")
	}
	fields := make(map[string]gjson.Result, len(actionFields))
	v.ForEach(func(key, value gjson.Result) bool {
		name := strings.ToLower(key.Str)
		if _, twice := fields[name]; !twice && rankIn(actionFields, name) > 0 {
			fields[name] = value
		}
		return true
	})
	a.Label = Line(firstOf(scalar(fields["label"]), scalar(fields["title"])), subscriptions.MaxActionLabel)
	if !visible(a.Label) {
		return a, errors.New("it has no label")
	}
	a.URL = link(firstOf(scalar(fields["url"]), scalar(fields["uri"])))
	if a.URL == "" {
		err = errors.New("its address is not one that may be opened or asked")
	}
	kind, method := strings.ToLower(scalar(fields["action"])), strings.ToUpper(scalar(fields["method"]))
	switch kind {
	case "view", "uri": // "uri" is Home Assistant's
		method = ""
	case "http":
		method = firstOf(method, http.MethodPost)
	case "broadcast", "copy":
		return a, errForeign
	default:
		if !lenient || kind != "" {
			return a, errors.New("its action is neither view nor http")
		}
	}
	if a.Method = method; err != nil || a.IsLink() {
		return a, firstError(err, a.Validate())
	}
	if a.Body, err = bodyOf(fields["body"]); err == nil {
		a.Headers, err = headersOf(fields["headers"])
	}
	return a, firstError(err, a.Validate())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// bodyOf is a text as it is, and an object or a list as JSON.
func bodyOf(v gjson.Result) (string, error) {
	text := scalar(v)
	if v.Type == gjson.JSON {
		text = compact(v.Raw, subscriptions.MaxActionBody+1)
	}
	if len(text) > subscriptions.MaxActionBody || !utf8.ValidString(text) {
		return "", fmt.Errorf("its body must be UTF-8 of at most %d bytes", subscriptions.MaxActionBody)
	}
	return text, nil
}

// headersOf reads an object of texts.
func headersOf(v gjson.Result) (headers []subscriptions.Header, err error) {
	if !v.Exists() || v.Type == gjson.Null {
		return nil, nil
	}
	if !v.IsObject() {
		return nil, errors.New("its headers are no object")
	}
	v.ForEach(func(key, value gjson.Result) bool {
		if value.Type == gjson.JSON || value.Type == gjson.Null {
			err = errors.New("a header is no text")
			return false
		}
		headers = append(headers, subscriptions.Header{Name: key.Str, Value: value.String()})
		return len(headers) <= subscriptions.MaxActionHeaders // one more is told
	})
	return headers, err
}

// takeActions reads those of a payload, of which nothing is said that it
// cannot offer.
func (c *content) takeActions(v gjson.Result) bool {
	if !v.IsArray() {
		return false
	}
	c.actions = actionsOf(v, false, func(int, error) {})
	return len(c.actions) > 0
}

// declared are the actions that the mapping says.
func (r *reading) declared() []subscriptions.Action {
	v, err := r.actions.Eval(r.scope)
	if err == nil && v != nil {
		var text string
		if text, err = expression.Text(v); err == nil {
			if found, ok := parse(text); ok && (found.IsArray() || found.IsObject()) {
				return actionsOf(found, true, func(n int, err error) { r.warn("actions", fmt.Errorf("number %d: %w", n, err)) })
			}
			err = errors.New("neither an object nor a list of them")
		}
	}
	if err != nil {
		r.warn("actions", err)
	}
	return nil
}

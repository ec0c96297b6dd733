package subscriptions

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A plainSecret is the value of a member that, going by its name, is a
// credential and is written out in a template.
type plainSecret struct {
	name, value string
	from, to    int    // what hole takes the place of
	hole        string // stands for the secret there
}

// plainSecrets finds the credentials that are written out in a template. It
// need not be JSON as a whole: some protocols put a number in front.
func plainSecrets(template string) (found []plainSecret) {
	// Holes hold texts of their own, which must not be taken for the ends of
	// those around them.
	outside, inside := []byte(template), []byte(strings.Repeat(" ", len(template)))
	for p := range pieces(template) {
		if p.hole {
			blank(outside[p.from : p.from+len(p.text)])
			copy(inside[p.from:], p.text)
		}
	}
	for _, m := range writtenOut(string(outside)) {
		if strings.Contains(m.value, "{{") {
			continue // what it will be is known when it is sent
		}
		m.hole = SecretHole
		found = append(found, m)
	}
	for _, m := range writtenOut(string(inside)) {
		if rest := strings.TrimSpace(template[m.to+1:]); !strings.HasPrefix(rest, ",") && !strings.HasPrefix(rest, "}") {
			continue // a part of the value, like "Bearer " + secret
		}
		m.from, m.to, m.hole = m.from-1, m.to+1, secretName
		found = append(found, m)
	}
	slices.SortFunc(found, func(a, b plainSecret) int { return a.from - b.from })
	return found
}

func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

// writtenOut finds the members of JSON text whose names are credentials'. From
// and to leave out the quotes.
func writtenOut(text string) (found []plainSecret) {
	strs := jsonString.FindAllStringIndex(text, -1)
	for i := 1; i < len(strs); i++ {
		key, at := strs[i-1], strs[i]
		if strings.TrimSpace(text[key[1]:at[0]]) != ":" {
			continue
		}
		s := plainSecret{from: at[0] + 1, to: at[1] - 1}
		if json.Unmarshal([]byte(text[key[0]:key[1]]), &s.name) != nil || !isSecretMember(s.name) {
			continue
		}
		if json.Unmarshal([]byte(text[at[0]:at[1]]), &s.value) == nil && s.value != "" {
			found = append(found, s)
		}
	}
	return found
}

var jsonString = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// isSecretMember is stricter than isCredential: "auth", "key" and "session"
// are parts of many names in payloads.
func isSecretMember(name string) bool {
	name = strings.ToLower(name)
	return isSecretParam(name) || slices.ContainsFunc(tellingParts, func(part string) bool {
		return !slices.Contains(vagueParts, part) && strings.Contains(name, part)
	})
}

package daemon

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bellwire/internal/control"

	"github.com/google/go-cmp/cmp"
)

func TestSearchesLast(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	if got, err := a.Searches(t.Context()); err != nil || got == nil || len(got) != 0 {
		t.Errorf("at first %v, %v", got, err)
	}
	if err := a.SetSearches(t.Context(), []control.SavedSearch{{Name: "  Fires\tnow ", Text: " priority:>=4 "}, {Name: "未读", Text: "is:unread"}}); err != nil {
		t.Fatal(err)
	}
	stop()
	a, _ = open(t, dir)
	got, err := a.Searches(t.Context())
	if d := cmp.Diff([]control.SavedSearch{{Name: "Fires now", Text: "priority:>=4"}, {Name: "未读", Text: "is:unread"}}, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestSearchesAreBounded(t *testing.T) {
	a, _ := open(t, shortDir(t))
	many := func(n int) (all []control.SavedSearch) {
		for i := range n {
			all = append(all, control.SavedSearch{Name: fmt.Sprint(i), Text: "x"})
		}
		return all
	}
	if err := a.SetSearches(t.Context(), many(control.MaxSearches)); err != nil {
		t.Error(err)
	}
	for name, all := range map[string][]control.SavedSearch{
		"too many":     many(control.MaxSearches + 1),
		"no name":      {{Name: " ", Text: "x"}},
		"no text":      {{Name: "a", Text: " "}},
		"a long name":  {{Name: strings.Repeat("名", control.MaxSearchName+1), Text: "x"}},
		"a long text":  {{Name: "a", Text: strings.Repeat("x", control.MaxSearchText+1)}},
		"twice":        {{Name: "a", Text: "x"}, {Name: "a ", Text: "y"}},
		"an override":  {{Name: "a\u202eb", Text: "x"}},
		"a line break": {{Name: "a", Text: "x\ny"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := a.SetSearches(t.Context(), all)
			if e, ok := err.(*control.Error); !ok || e.Status != http.StatusBadRequest {
				t.Errorf("%v", err)
			}
		})
	}
	if got, err := a.Searches(t.Context()); err != nil || len(got) != control.MaxSearches {
		t.Errorf("%d left, %v", len(got), err)
	}
}

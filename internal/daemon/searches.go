package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/storage"
)

// settingSearches holds the saved searches as JSON.
const settingSearches = "searches"

// Searches implements [control.Desk].
func (a *App) Searches(ctx context.Context) ([]control.SavedSearch, error) {
	all := []control.SavedSearch{}
	value, err := a.db.Setting(ctx, settingSearches)
	if errors.Is(err, storage.ErrNotFound) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(value), &all); err != nil {
		a.log.Warn("the saved searches cannot be read", "error", err)
		return []control.SavedSearch{}, nil
	}
	return all, nil
}

// SetSearches implements [control.Desk].
func (a *App) SetSearches(ctx context.Context, all []control.SavedSearch) error {
	if len(all) > control.MaxSearches {
		return control.Refuse(http.StatusBadRequest, "Delete one that is not needed any more.", "no more than %d searches can be saved", control.MaxSearches)
	}
	kept, taken := make([]control.SavedSearch, 0, len(all)), map[string]bool{}
	for _, s := range all {
		s.Name, s.Text = strings.Join(strings.Fields(s.Name), " "), strings.TrimSpace(s.Text)
		if err := checkSearch(s); err != nil {
			return err
		}
		if taken[s.Name] {
			return control.Refuse(http.StatusBadRequest, "Choose another name.", "there is a saved search %q already", s.Name)
		}
		taken[s.Name] = true
		kept = append(kept, s)
	}
	value, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if err := a.db.SetSetting(ctx, settingSearches, string(value)); err != nil {
		return err
	}
	a.changes.send()
	return nil
}

// checkSearch refuses a search that could not be listed or made again.
func checkSearch(s control.SavedSearch) error {
	refuse := func(format string, args ...any) error {
		return control.Refuse(http.StatusBadRequest, "", format, args...)
	}
	unprintable := func(text string) bool {
		return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
			return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' // which join letters and emoji
		})
	}
	switch {
	case s.Name == "":
		return refuse("a saved search needs a name")
	case utf8.RuneCountInString(s.Name) > control.MaxSearchName:
		return refuse("a saved search's name has at most %d characters", control.MaxSearchName)
	case unprintable(s.Name) || unprintable(s.Text):
		return refuse("a saved search has characters that cannot be shown")
	case s.Text == "":
		return refuse("the search %q looks for nothing", s.Name)
	case len(s.Text) > control.MaxSearchText:
		return refuse("the search %q is longer than %d bytes", s.Name, control.MaxSearchText)
	}
	return nil
}

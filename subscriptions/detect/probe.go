package detect

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
	"bellwire/subscriptions/presets"
)

// said looks whether what the stream said first is told of a preset.
func (s *session) said() {
	for _, st := range s.states {
		if st.preset.Detect.Says == "" || !s.fits(st.preset) {
			continue
		}
		for _, m := range s.heard {
			scope := answer{body: []byte(m.Data)}.value()
			scope.Type, scope.ID = m.Type, m.ID
			if holds(st.preset.Detect.Says, scope) {
				st.confirmed = "its stream speaks like one"
			}
		}
	}
}

func holds(condition string, scope expression.Scope) bool {
	e, err := expression.CompileCondition(condition)
	if err != nil {
		return false
	}
	yes, err := e.Condition(scope)
	return err == nil && yes
}

// fits reports whether the address itself is a stream of p's kind.
func (s *session) fits(p *presets.Preset) bool {
	return s.stream != "" && (p.Transport == s.stream || p.Transport == subscriptions.TransportAuto)
}

// maxSlow is how many questions may stay without an answer.
const maxSlow = 2

// probe asks the server whether it is of a kind, the likeliest first, until
// it is, or the budget is spent.
func (s *session) probe(ctx context.Context) {
	order := slices.Clone(s.states)
	slices.SortStableFunc(order, func(a, b *state) int { return cmp.Compare(s.rank(b), s.rank(a)) })
	for _, st := range order {
		if s.sure() || s.budget.left() == 0 || s.slow == maxSlow || ctx.Err() != nil {
			return
		}
		// A stream is what it is, unless something speaks for the preset, or
		// its streams are wherever a person says.
		if here := st.preset.Address == "" && s.fits(st.preset); s.stream != "" && s.rank(st) <= 0 && !here {
			continue
		}
		s.probePreset(ctx, st)
	}
}

// rank is how much speaks for a preset before its server is asked.
func (s *session) rank(st *state) (r int) {
	if st.match.Host {
		r += 4
	}
	if st.match.Path {
		r += 2
	}
	switch page := s.first.status == http.StatusOK && s.first.kind == "text/html"; {
	case st.page:
		r += 3
	case st.preset.Detect.Site && !st.match.Path:
		r -= 2
	case st.preset.Detect.Page != "" && page:
		r--
	}
	return r
}

func (s *session) sure() bool {
	return slices.ContainsFunc(s.states, func(st *state) bool { return st.confirmed != "" })
}

func (s *session) probePreset(ctx context.Context, st *state) {
	all := len(st.preset.Detect.Probe) > 0
	for _, p := range st.preset.Detect.Probe {
		a, err := s.once(ctx, st, p)
		if err != nil {
			all = false
			continue
		}
		if a.status != http.StatusOK {
			all = all && a.status != http.StatusUnauthorized && a.status != http.StatusForbidden && a.status < 500 && a.status != http.StatusTooManyRequests
			continue
		}
		if (p.Type == "" || p.Type == a.kind) && (p.When == "" || holds(p.When, a.value())) {
			st.confirmed = "it answers at " + p.Path + " like one"
			return
		}
	}
	st.refuted = all
}

// once asks a question that has not been asked before.
func (s *session) once(ctx context.Context, st *state, p presets.Probe) (answer, error) {
	u := st.match.At(s.url, p)
	accept := cmp.Or(p.Accept, p.Type, "*/*")
	key := u.String() + " " + accept
	if a, known := s.asked[key]; known {
		return a, nil
	}
	a, err := s.ask(ctx, u, accept)
	if errors.Is(err, context.DeadlineExceeded) {
		s.slow++
	}
	if err == nil {
		s.asked[key] = a
	}
	return a, err
}

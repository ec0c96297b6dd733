package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// figure writes a value with three digits that count, as people write it:
// 48,200 or 4.18 or 0.052.
func figure(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	if v == 0 {
		return "0"
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	if digits < 0 {
		scale := math.Pow(10, float64(-digits))
		v, digits = math.Round(v/scale)*scale, 0
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return grouped(text)
}

// grouped puts commas between the thousands of what is a number.
func grouped(text string) string {
	whole, rest := text, ""
	if i := strings.IndexByte(text, '.'); i >= 0 {
		whole, rest = text[:i], text[i:]
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if _, err := strconv.ParseUint(whole, 10, 64); err != nil {
		return text
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}

// in writes a value with its unit; "%" and "×" are of ratios.
func in(v float64, unit string) string {
	switch unit {
	case "%":
		return figure(v*100) + " %"
	case "×", "", "/s":
		return figure(v) + unit
	}
	return figure(v) + " " + unit
}

// spreadOf is "±4 %", or nothing where there was one round or no difference.
func spreadOf(s series) string {
	far := s.spread()
	if math.Round(far*100) == 0 || math.IsInf(far, 0) || math.IsNaN(far) {
		return ""
	}
	return fmt.Sprintf("±%.0f %%", far*100)
}

// over, minus, plus and times calculate within each round.
func over(a, b series) series {
	return a.with(b, func(a, b float64) float64 { return a / b })
}

func minus(a, b series) series {
	return a.with(b, func(a, b float64) float64 { return a - b })
}

func plus(a, b series) series {
	return a.with(b, func(a, b float64) float64 { return a + b })
}

func times(a series, factor float64) series {
	made := make(series, len(a))
	for i := range a {
		made[i] = a[i] * factor
	}
	return made
}

// say is a figure within a sentence.
func say(s series, unit string) string { return in(s.median(), unit) }

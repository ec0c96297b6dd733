package presets

import (
	"reflect"
	"strings"
	"testing"

	"bellwire/subscriptions"
)

// Whatever text settings have, or will have, an option in it is filled.
func TestEverySettingIsFilled(t *testing.T) {
	var s subscriptions.Settings
	fillText(reflect.ValueOf(&s).Elem())
	s.Notify, s.Forwards = subscriptions.Notify{}, nil // not a preset's
	out, err := fill(s, map[string]string{"v": "x"})
	if err != nil {
		t.Fatal(err)
	}
	walk(reflect.ValueOf(out), "settings", func(path, text string) {
		// Names of a fixed set are checked where feeds are.
		switch path {
		case "settings.Resume.By", "settings.Resume.Backfill.Order", "settings.Mapping.Format":
			return
		}
		if strings.Contains(text, "${") {
			t.Errorf("%s is %q", path, text)
		}
	})
}

// fillText puts an option into every text below v.
func fillText(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("${v}")
	case reflect.Struct:
		for i := range v.NumField() {
			fillText(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillText(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("name"), reflect.ValueOf("${v}"))
	}
}

func walk(v reflect.Value, path string, visit func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), path, visit)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(v.MapIndex(k), path, visit)
		}
	}
}

package window

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"bellwire/ui/words"
)

// Every key is in the guide, in the order of the window's own sheet.
func TestGuideHasEveryKey(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("the guide has the keys of other systems")
	}
	words.Use("en")
	guide, err := os.ReadFile("../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "| key | what it does |\n|---|---|\n"
	for _, b := range bindings() {
		want += "| `" + strings.Join(capsOf(b), "` `") + "` | " + words.Say("keys."+b.name) + " |\n"
	}
	if !strings.Contains(string(guide), want) {
		t.Errorf("docs/guide.md lacks this table:\n%s", want)
	}
}

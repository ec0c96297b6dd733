package main

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"bellwire/internal/manual"

	"github.com/alecthomas/kong"
)

// generateCmd writes what packages bring along beside the program.
type generateCmd struct {
	Dir     string `arg:"" name:"to" help:"Folder to write to: man/man1, completions/bash, completions/zsh and completions/fish in it, and commands.md."`
	Release string `env:"VERSION" help:"The version in the manual's footers. Default: the program's."`
	Epoch   int64  `env:"SOURCE_DATE_EPOCH" help:"Their date, in seconds since 1970. Default: none."`
}

func (c *generateCmd) Run(_ *env, k *kong.Context) error {
	about := aboutProgram()
	if about.Version = c.Release; about.Version == "" {
		about.Version = programVersion()
	}
	if c.Epoch > 0 {
		about.Date = time.Unix(c.Epoch, 0)
	}
	files := map[string][]byte{"commands.md": manual.Markdown(k.Model, about)}
	for name, page := range manual.ManPages(k.Model, about) {
		files["man/man1/"+name] = page
	}
	for name, script := range manual.Completions() {
		files["completions/"+name] = script
	}
	for name, text := range files {
		path := filepath.Join(c.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Groups of commands, as --help shows them.
var (
	groupFeeds  = &kong.Group{Key: "feeds", Title: "Feeds:"}
	groupEvents = &kong.Group{Key: "events", Title: "Events:"}
	groupNotify = &kong.Group{Key: "notifications", Title: "Notifications:"}
	groupSelf   = &kong.Group{Key: "program", Title: "Bellwire itself:"}
)

var commandGroups = map[string]*kong.Group{
	"add": groupFeeds, "probe": groupFeeds, "presets": groupFeeds, "feeds": groupFeeds,
	"pause": groupFeeds, "resume": groupFeeds, "reconnect": groupFeeds, "log": groupFeeds,
	"set": groupFeeds, "edit": groupFeeds, "test": groupFeeds, "export": groupFeeds,
	"import": groupFeeds, "apply": groupFeeds, "remove": groupFeeds,
	"history": groupEvents, "delete": groupEvents, "keep": groupEvents, "tail": groupEvents,
	"why": groupEvents, "act": groupEvents,
	"mute": groupNotify, "unmute": groupNotify, "notifications": groupNotify, "notify-test": groupNotify,
}

// groupCommands finishes kong's model: it puts commands into their groups. What is in none is about
// Bellwire itself.
func groupCommands(k *kong.Kong) error {
	for _, n := range k.Model.Children {
		if n.Group = commandGroups[n.Name]; n.Group == nil {
			n.Group = groupSelf
		}
	}
	k.Model.HelpFlag.Help = "Tell about the program or a command, and its options."
	// Those of a group stand together, in the order of the groups.
	order := []*kong.Group{groupSelf, groupFeeds, groupEvents, groupNotify}
	slices.SortStableFunc(k.Model.Children, func(a, b *kong.Node) int {
		return slices.Index(order, a.Group) - slices.Index(order, b.Group)
	})
	return nil
}

// aboutProgram is what manual pages and docs/commands.md say beside the
// commands' own help.
func aboutProgram() manual.About {
	return manual.About{
		Purpose: "live streams as desktop notifications and a history that can be searched",
		Exit: []manual.Entry{
			{Name: "0", Text: "Done."},
			{Name: "1", Text: "Failed; standard error says why, and what can be done."},
			{Name: "2", Text: "The command line is wrong, or the daemon refused what it asks for."},
			{Name: "3", Text: "Bellwire is not running."},
			{Name: "4", Text: "There is no such feed, event or preset."},
		},
		Environment: []manual.Entry{
			{Name: "BELLWIRE_DIR", Text: "The folder for everything, as --dir says it."},
			{Name: "XDG_DATA_HOME, XDG_STATE_HOME, XDG_CONFIG_HOME, XDG_RUNTIME_DIR", Text: "The folders that its files are under where neither --dir nor BELLWIRE_DIR says another; the defaults of the XDG base directories where they are not set."},
			{Name: "DISPLAY, WAYLAND_DISPLAY", Text: "The display. Where neither is set there is no tray and no window, and notifications go to standard output."},
			{Name: "DBUS_SESSION_BUS_ADDRESS", Text: "The session's message bus, for notifications, the tray and the keyring. Default: the socket bus in XDG_RUNTIME_DIR."},
			{Name: "VISUAL, EDITOR", Text: "The editor of bellwire edit. The first that is set counts."},
			{Name: "LC_ALL, LC_MESSAGES, LANG, LANGUAGE", Text: "The language of notifications, tray and window, unless bellwire notifications --language chose one. The command line speaks English."},
			{Name: "http_proxy, https_proxy, no_proxy", Text: "The proxy of feeds that have none of their own, read when the daemon starts."},
		},
		Files: []manual.Entry{
			{Name: "~/.local/share/bellwire/bellwire.db", Text: "Feeds and history."},
			{Name: "~/.local/share/bellwire/secrets.json", Text: "Secrets where there is no keyring; for you alone to read."},
			{Name: "~/.local/state/bellwire/bellwire.log", Text: "The log."},
			{Name: "~/.config/bellwire/presets/", Text: "Presets of your own."},
			{Name: "$XDG_RUNTIME_DIR/bellwire/bellwire.sock", Text: "The socket of the control API; in the folder of the log where there is no XDG_RUNTIME_DIR."},
			{Name: `%LOCALAPPDATA%\bellwire\`, Text: "All of these on Windows."},
			{Name: "~/Library/Application Support/bellwire/", Text: "All of these on macOS."},
		},
		Examples: `Try it without a server, in a throwaway folder:

  bellwire run --demo

Subscribe to a topic, and look at what came:

  bellwire add https://ntfy.sh/mytopic
  bellwire history

On a machine without a desktop:

  bellwire run --headless`,
		SeeAlso:  []string{"The user guide, and references of expressions and of the control API, are in the folder docs of the source."},
		Homepage: "https://bellwire.io",
	}
}

package main

import "strings"

// examples are command lines behind a help text, one a line.
func examples(lines string) string {
	return "\n\nExamples:\n\n  " + strings.ReplaceAll(lines, "\n", "\n  ")
}

// What --help and the manual say beside a command's options. The examples are
// parsed by a test.

func (*startCmd) Help() string {
	return "Whoever has no feeds yet sees the window at once. Where there is no display, it is the same as bellwire run: no tray, no window, and notifications go to standard output."
}

func (*runCmd) Help() string {
	return "It ends by Ctrl-C, SIGTERM or bellwire quit. A second one for the same folder is refused. Unlike bellwire start it opens no window by itself." + examples(`bellwire run --demo
bellwire run --headless --notifier none`)
}

func (*windowCmd) Help() string {
	return "Where a window is open already, it comes to the front and shows what is asked for. Without a running Bellwire the window offers to start it." + examples(`bellwire window --add
bellwire window --feed deploys`)
}

func (*addCmd) Help() string {
	return "Often the address is enough: what kind of server it is, where its stream is and how it resumes is found out, from presets and from what it sends. What flags say goes before that. Feeds with many settings are easier to write as a file: bellwire export, bellwire apply." + examples(`bellwire add https://ntfy.sh/mytopic
bellwire add https://ci.example.org/events --name CI --map 'title={{ data.repo }}: {{ data.status }}' --map 'notify=data.status == "failed"'
bellwire add wss://push.example.org/stream --preset gotify --token env:GOTIFY_TOKEN
bellwire add https://api.example.org/items.json --transport poll --interval 5m --items data.items --cursor-field id`)
}

func (*probeCmd) Help() string {
	return "A few requests are sent to the server, for up to half a minute; nothing is stored. It prints what was found, what is missing, and the command that adds it. Bellwire has to be running." + examples(`bellwire probe https://ntfy.sh/mytopic
bellwire probe social.example.org`)
}

func (*presetsCmd) Help() string {
	return "Bellwire does not have to be running. Presets of your own are YAML files in a folder that the list names; one hides the preset of the same name that Bellwire brings along." + examples(`bellwire presets
bellwire presets gotify`)
}

func (*feedsCmd) Help() string {
	return "States: connecting, open, waiting (for the next attempt), blocked (until you have done something; it is tried again now and then), ended (by the server, for good) and paused (by you). Below the table stands what is wrong, and what can be done."
}

func (*pauseCmd) Help() string {
	return "It stays paused when Bellwire starts again. Notifications alone: bellwire mute." + examples("bellwire pause deploys")
}

func (*resumeCmd) Help() string { return examples("bellwire resume deploys")[2:] }

func (*reconnectCmd) Help() string {
	return "Each goes on from where it was, as after any interruption." + examples(`bellwire reconnect
bellwire reconnect deploys`)
}

func (*logCmd) Help() string {
	return "When it connected, what the server said, why it was lost and when the next attempt was. Only what was since Bellwire started is kept." + examples("bellwire log deploys")
}

func (*setCmd) Help() string {
	return "Its id, history and, where the stream is the same, its position stay. Most settings go away with an empty value." + examples(`bellwire set deploys --name Deployments --min-priority 3
bellwire set deploys --map 'title={{ data.subject }}' --map body=
bellwire set deploys --bearer env:DEPLOY_TOKEN`)
}

func (*editCmd) Help() string {
	return "The feed is opened as a file, as bellwire export writes it. What is wrong is told when the editor is closed, and can be mended. Secrets are not in the file; the word keyring, which stands for one, keeps it." + examples("bellwire edit deploys")
}

func (*testCmd) Help() string {
	return "What title, body and the rest would be is shown beside what history has. Nothing is changed; bellwire set or bellwire apply does that." + examples(`bellwire test deploys --map 'title={{ data.repo.name }}'
bellwire test deploys --last 50 --file feeds.yaml`)
}

func (*exportCmd) Help() string {
	return "Where Bellwire keeps a secret, the word keyring stands for it; one from a variable, a file or a command is written as where it comes from." + examples(`bellwire export feeds.yaml
bellwire export --feed deploys
bellwire export --schema feeds.schema.json`)
}

func (*importCmd) Help() string {
	return "Feeds that exist already are left as they are; to change them: bellwire apply." + examples(`bellwire import --dry-run feeds.yaml
bellwire import ~/.config/ntfy/client.yml`)
}

func (*applyCmd) Help() string {
	return "Feeds are told apart by their ids. What is not in the file stays, unless --prune says otherwise. Applying the same file again changes nothing." + examples(`bellwire apply --dry-run feeds.yaml
bellwire apply --prune feeds.yaml`)
}

func (*removeCmd) Help() string {
	return "For good: its events, its position and the secrets that Bellwire keeps for it are deleted. To end its connection alone: bellwire pause." + examples("bellwire remove deploys")
}

func (*tailCmd) Help() string {
	return "It ends by Ctrl-C, after --count events, or, with exit code 3, when Bellwire ends. With --after and the number of the last event it goes on from there: none is missing and none comes twice." + examples(`bellwire tail
bellwire tail --feed deploys --json --after 0`)
}

func (*unmuteCmd) Help() string {
	return "What was held is told then, in one summary." + examples(`bellwire unmute
bellwire unmute deploys`)
}

func (*actCmd) Help() string {
	return "A request goes to the feed's own host, or to one that --action-host named; a link opens in the browser." + examples(`bellwire act 17
bellwire act 17 2`)
}

func (*statusCmd) Help() string {
	return "Version, folder, how notifications are shown and what is wrong with that, and the feeds." + examples(`bellwire status
bellwire status --json --wait 30s`)
}

func (*quitCmd) Help() string {
	return "It answers once the daemon has ended. Nothing is lost: feeds go on from where they were when it starts again."
}

func (*demoCmd) Help() string {
	return "It prints the commands that add the two feeds, and serves until Ctrl-C. To try out all of Bellwire at once: bellwire run --demo." + examples("bellwire demo --listen 127.0.0.1:8099 --every 10s")
}

func (*backupCmd) Help() string {
	return "The copy is of one moment, checked, and whole once it is there. Passwords and tokens are not in it: they stay in the keyring, or in secrets.json, of this machine. The guide is docs/backup.md." + examples(`bellwire backup bellwire-2026-11-21.db
bellwire backup --force latest.db`)
}

func (*restoreCmd) Help() string {
	return "The file is checked first; one of an older Bellwire is upgraded at the next start. The database that was there is kept in the folder backups beside it. Feeds go on from where they were when the backup was made: what came since comes again where servers can replay." + examples(`bellwire restore bellwire-2026-11-21.db`)
}

func (*salvageCmd) Help() string {
	return "The damaged file stays as it is. What can be read is written to a new database, which bellwire restore puts in its place; Bellwire need not be stopped for reading, but has to be for that." + examples(`bellwire salvage damaged.db saved.db`)
}

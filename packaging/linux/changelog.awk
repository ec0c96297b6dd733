# CHANGELOG.md as Debian's changelog (deb-changelog(5)): an entry a version,
# its points wrapped to 80 columns. What is unreleased belongs to the version that is
# being packed (-v version=…) at its time (-v epoch=…, seconds since 1970).

# start prints what is held back until an entry has a point.
function start() {
	if (points) return
	print "bellwire (" heading ") unstable; urgency=medium\n"
	entries++
}

# flush writes the point that was collected.
function flush(    words, n, i, line, mark) {
	n = split(text, words, " ")
	mark = "  * "
	line = ""
	for (i = 1; i <= n; i++) {
		if (line != "" && length(mark line " " words[i]) > 79) {
			print mark line
			mark = "    "
			line = ""
		}
		line = line == "" ? words[i] : line " " words[i]
	}
	if (line != "") print mark line
	text = ""
}

function finish() {
	if (heading == "") return
	flush()
	if (!points) {
		if (unreleased && entries + more) return
		start()
		print "  * See https://bellwire.io"
	}
	print "\n -- The Bellwire developers <hello@bellwire.io>  " when "\n"
}

function entry(v, date,    command) {
	finish()
	heading = v
	points = 0
	section = ""
	command = "date -u -R -d '" date "'"
	command | getline when
	close(command)
}

function point() {
	flush()
	start()
	if (section != "") print "  [ " section " ]"
	section = ""
	points++
}

/^## Unreleased/ { entry(version, "@" epoch); unreleased = 1; next }

/^## \[?[0-9]/ {
	split($0, words, /[^0-9A-Za-z.+~-]+/)
	date = words[3] ~ /^[0-9]+-[0-9]+-[0-9]+$/ ? words[3] : words[4]
	if (date !~ /^[0-9]+-[0-9]+-[0-9]+$/) date = "@" epoch
	more = 1
	entry(words[2], date)
	unreleased = 0
	next
}

heading == "" { next }
/^### / { section = substr($0, 5); next }
/^- / { point(); text = substr($0, 3); next }
/^  +[^ ]/ && points { text = text " " $0; next }

END {
	if (heading == "") entry(version, "@" epoch)
	finish()
}

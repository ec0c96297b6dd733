# Installs Bellwire from this folder, and removes it again:
#   sudo make install      for everybody, below /usr/local (PREFIX=…, DESTDIR=…)
#   make user-install      for you alone, below ~/.local
#   sudo make uninstall, make user-uninstall
# Feeds, history and settings are not touched by any of them.
PREFIX  = /usr/local
DESTDIR =
USERDIR = $(HOME)/.local

default:
	@sed -n '/^[^#]/q;s/^# \{0,1\}//p' Makefile

install:
	@to='$(DESTDIR)$(PREFIX)' prefix='$(PREFIX)'; $(PUT)

user-install:
	@to='$(DESTDIR)$(USERDIR)' prefix='$(USERDIR)'; $(PUT)

uninstall:
	@to='$(DESTDIR)$(PREFIX)'; $(REMOVE)

user-uninstall:
	@to='$(DESTDIR)$(USERDIR)'; $(REMOVE)

# What names the program by its path gets the path that it has here.
PUT = set -e; cd usr/local; find . -type f | while read -r file; do \
		mode=644; [ ! -x "$$file" ] || mode=755; \
		install -D -m "$$mode" "$$file" "$$to/$$file"; \
		case $$file in \
		*.desktop) sed -i "s|^\(Try\)\{0,1\}Exec=bellwire|\1Exec=$$prefix/bin/bellwire|" "$$to/$$file" ;; \
		*.service) sed -i "s|^\(Exec[A-Za-z]*\)=/usr/bin/bellwire|\1=$$prefix/bin/bellwire|" "$$to/$$file" ;; \
		esac; \
	done; echo "installed: $$to/bin/bellwire"

REMOVE = set -e; cd usr/local; find . -type f | while read -r file; do rm -f "$$to/$$file"; done; \
	for dir in share/doc/*; do rmdir "$$to/$$dir" 2>/dev/null || true; done; \
	echo "removed: $$to/bin/bellwire"

.PHONY: default install user-install uninstall user-uninstall

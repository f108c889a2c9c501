#!/bin/sh
# Installs what the tests start and a fresh machine may lack; says in one line how, where it may not.
set -eu

# has tells whether one of some programs is there.
has() {
	for name; do
		if command -v "$name" >/dev/null 2>&1; then return 0; fi
	done
	return 1
}

# install installs a package of Debian's, where it may.
install() {
	if [ "$(id -u)" != 0 ] || ! has apt-get; then return 1; fi
	echo "installing $1 for the tests"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

if ! has chromium chromium-browser google-chrome; then
	install chromium || echo 'Chromium is missing: its tests are skipped (install it, on Debian with: sudo apt-get install chromium)'
fi

if [ -z "${BELLWETHER_TEST_POSTGRES:-}" ] && ! has initdb && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
	# The package would start a server of its own, which the tests do not need.
	if [ "$(id -u)" = 0 ] && has apt-get; then
		mkdir -p /etc/postgresql-common
		[ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
	fi
	install postgresql || {
		echo 'PostgreSQL is missing, and the tests fail without it (install it, on Debian with: sudo apt-get install postgresql; or set BELLWETHER_TEST_POSTGRES to the URL of a server)'
		exit 1
	}
fi

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

# install installs packages of Debian's, where it may.
install() {
	if [ "$(id -u)" != 0 ] || ! has apt-get; then return 1; fi
	echo "installing $* for the tests"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
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

if ! has clang || ! has wasm-ld; then
	install clang lld || {
		echo 'clang or wasm-ld is missing, and the tests of WASM modules fail without them (install them, on Debian with: sudo apt-get install clang lld)'
		exit 1
	}
fi

if ! has node || ! has npm; then
	install nodejs npm || {
		echo 'Node.js or npm is missing, and the tests of WASM modules fail without them (install them, on Debian with: sudo apt-get install nodejs npm)'
		exit 1
	}
fi

basket=$(dirname "$0")/../examples/wasm/basket
if [ ! -e "$basket/node_modules/assemblyscript" ]; then
	echo 'installing AssemblyScript for the tests'
	(cd "$basket" && npm ci --no-audit --no-fund --silent)
fi

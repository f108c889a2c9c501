#!/bin/sh
# Installs what the tests start and a fresh machine may lack; says in one line how, where it may not.
set -eu
for name in chromium chromium-browser google-chrome; do
	if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo 'installing Chromium for the browser tests'
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
	exit 0
fi
echo 'Chromium is missing: its tests are skipped (install it, on Debian with: sudo apt-get install chromium)'

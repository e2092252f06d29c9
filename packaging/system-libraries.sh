#!/bin/sh
# Looks for the Debian packages that Hadron needs beyond Python, and installs what is missing
# when it may (root); otherwise names the one line to type and goes on.
#   system-libraries.sh run    what the window needs
#   system-libraries.sh test   the same, an X server to test on, a browser, and programs that tests start
set -u

window="libglib2.0-0 libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libgssapi-krb5-2
        libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 libxcb-shape0"
# fonts come with libfontconfig1; iproute2 makes hosts for the scheduler, gnupg and openssl read what Mail wrote
tests="xvfb xauth openbox trayer xdotool imagemagick chromium chromium-driver git gnupg iproute2 openssl util-linux"

command -v dpkg-query >/dev/null 2>&1 || exit 0   # no Debian: Qt's own message names what it misses

case "${1:-run}" in
    test) wanted="$window $tests" ;;
    *) wanted="$window" ;;
esac

missing=""
for package in $wanted; do
    for name in "$package" "${package}t64"; do   # newer Debians renamed libglib2.0-0 and others
        state=$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null)
        [ "$state" = installed ] && continue 2
    done
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    echo "Installing system libraries:$missing"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && $line -qq >/dev/null; } || echo "That failed. Type it yourself: $line" >&2
else
    echo "Some system libraries are missing. To install them, type:" >&2
    echo "  sudo $line" >&2
fi
exit 0

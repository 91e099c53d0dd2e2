#!/bin/sh
# See that the system has what the napari viewer needs: system-libs.sh
# Installs it on Debian/Ubuntu as root; elsewhere on Linux says what is missing and goes on,
# since everything but the viewer works without. macOS and Windows have it all.
set -eu
[ "$(uname -s)" = Linux ] || exit 0

packages="xvfb xauth libgl1 libegl1 libgl1-mesa-dri libopengl0 libdbus-1-3 libfontconfig1
 libfreetype6 libglib2.0-0 libx11-xcb1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0
 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-render0
 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 fonts-dejavu-core"

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $packages; do
        # Newer releases call some of them NAMEt64; that provides NAME.
        dpkg-query -W -f '${Status} ${Provides}\n' "$package" "${package}t64" 2>/dev/null |
            grep -q '^install ok installed' || missing="$missing $package"
    done
else
    command -v Xvfb >/dev/null 2>&1 || missing="$missing Xvfb"
    for library in libGL.so.1 libEGL.so.1 libxcb-cursor.so.0 libxkbcommon-x11.so.0; do
        ldconfig -p 2>/dev/null | grep -q "$library" || missing="$missing $library"
    done
fi
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing what the viewer needs with apt-get ..."
    apt-get update -qq
    # shellcheck disable=SC2086  (a list of names)
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        >/dev/null
    exit 0
fi
echo "note: the napari viewer needs, and this system lacks:$missing" >&2
if command -v apt-get >/dev/null 2>&1; then
    echo "note: install it with: sudo apt-get install$missing" >&2
fi

#!/bin/sh
# Make a virtual environment: make-venv.sh PYTHON FOLDER
# Installs Python itself where that is possible (Debian/Ubuntu, as root); elsewhere says
# what is missing and how to get it.
set -eu
python=$1
folder=$2

works() {
    "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
        >/dev/null 2>&1
}

if ! works && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Python with apt-get ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3 python3-venv ca-certificates >/dev/null
fi

if ! works; then
    echo "error: expected '$python' to be Python 3.11 to 3.14 with its venv module;" \
        "got: $("$python" --version 2>&1 || true)." >&2
    echo "Install it (Debian/Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install" \
        "python@3.12; Windows: python.org), or name another one: make PYTHON=python3.12 ..." >&2
    exit 1
fi

[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"

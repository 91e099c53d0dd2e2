#!/bin/sh
# Run the tests with other versions than the pinned ones: other-versions.sh newest|lowest PYTHON [pytest options]
# newest: what plain pip takes today; lowest: the oldest that pyproject.toml allows.
# Makes an environment of its own, .venv-WHICH-PYTHON, and installs the package as its users do.
set -eu
which=$1
python=$2
shift 2

folder=".venv-$which-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
bin="$folder/bin"
[ -d "$folder/Scripts" ] && bin="$folder/Scripts"
[ -x "$bin/python" ] || "$python" -m venv "$folder"
[ -d "$folder/Scripts" ] && bin="$folder/Scripts"

"$bin/python" -m pip install --quiet --upgrade uv
case $which in
    newest) resolution=highest ;;
    lowest) resolution=lowest-direct ;;
    *) echo "error: expected newest or lowest, got: $which" >&2; exit 1 ;;
esac
# Resolved from pyproject.toml itself: what a package asks for would count as indirect.
"$bin/python" -m uv pip compile --quiet --python "$bin/python" --resolution "$resolution" \
    --extra napari --extra test --output-file "$folder/requirements.txt" pyproject.toml
"$bin/python" -m uv pip install --quiet --python "$bin/python" --requirement "$folder/requirements.txt"
"$bin/python" -m uv pip install --quiet --python "$bin/python" --no-deps --reinstall .
"$bin/python" -m uv pip list --python "$bin/python"
sh scripts/system-libs.sh
"$bin/mespot" doctor
"$bin/python" -m pytest -n auto "$@"

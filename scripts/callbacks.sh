#!/bin/sh
# Tests the callbacks against the real libraries, which `make test` does without: they would double the time of a set-up.
#
# .venv/callbacks sees everything in .venv, and adds the extras of pyproject.toml in their newest versions.
set -eu
cd "$(dirname "$0")/.."

own=.venv/callbacks
if ! [ -f "$own/striate-setup" ]; then
    echo "Setting up $own (a minute or two, once) ..."
    .venv/bin/python -m venv --clear "$own"
    .venv/bin/python - "$own" <<'PY'
import site
import sys
from pathlib import Path

(packages,) = Path(sys.argv[1]).glob("lib/python*/site-packages")
(packages / "striate-base.pth").write_text(site.getsitepackages()[0] + "\n")
PY
    "$own/bin/python" -m pip --disable-pip-version-check --no-input -qq install \
        --constraint requirements/constraints.txt accelerate keras lightning transformers </dev/null
    touch "$own/striate-setup"
fi
exec "$own/bin/python" -m pytest -m "" tests/unit/callbacks

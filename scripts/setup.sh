#!/bin/sh
# Makes .venv what requirements/ and pyproject.toml say; does nothing when it already is.
#
# What was done is written to .venv/striate-setup last of all, so a set-up that was killed is begun again.
# The environment also belongs to one path (its scripts name it): a moved checkout gets a new one.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/striate-setup
want_packages="packages $(cat requirements/*.txt scripts/setup.sh | cksum) in $(pwd -P)"
want_project="project $(cksum <pyproject.toml)"

record() { printf '%s\n' "$@" >"$stamp.new" && mv "$stamp.new" "$stamp"; }
has_line() { [ -f "$stamp" ] && grep -Fqx -- "$1" "$stamp"; }

if has_line "$want_packages" && has_line "$want_project" && [ -x .venv/bin/python ]; then
    exit 0
fi

# The newest Python the pinned packages have been built for is 3.14.
suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 python3.14; do
        if suits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    {
        echo "striate needs Python 3.11 to 3.14, and found none of them."
        echo "  found     $(python3 --version 2>/dev/null || echo 'no python3 at all')"
        echo "  next      install one, or name it: make setup PYTHON=/path/to/python3.12"
    } >&2
    return 1
}

pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input -qq "$@" </dev/null; }

# True when the torch here is the pinned version, whatever its build (2.13.0+cpu is 2.13.0).
torch_is() {
    .venv/bin/python - "$1" 2>/dev/null <<'PY'
import importlib.metadata
import sys

sys.exit(importlib.metadata.version("torch").split("+")[0] != sys.argv[1])
PY
}

if ! has_line "$want_packages" || [ ! -x .venv/bin/python ]; then
    python=$(find_python)
    echo "Setting up .venv with $("$python" --version) (a few minutes, once) ..."
    if ! "$python" -m venv --clear .venv; then
        echo "  next      on Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
    # Everything but torch, with hashes: the closure is complete, so pip need resolve nothing.
    pip install --no-deps --require-hashes -r requirements/lock.txt
    # torch is pinned by version and not by hash: the build that is right here (CPU, CUDA, macOS) is another
    # file on each machine, and pip's own configuration knows which. Its CUDA libraries come along with it.
    torch=$(sed -n 's/^torch==//p' requirements/constraints.txt)
    echo "  torch $torch, the largest part ..."
    torch_is "$torch" || pip install "torch==$torch"
    torch_is "$torch"
fi

record "$want_packages"
pip install --no-deps --no-build-isolation --editable .
record "$want_packages" "$want_project"
echo "Set up: .venv is ready."

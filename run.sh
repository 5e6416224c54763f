#!/usr/bin/env bash
# Everything that is done with this repository. Each command sets up what it needs first, in .venv.
#
#   ./run.sh rehearse [--minutes N]  play a sample day on simulated platforms and open the desk
#   ./run.sh test [pytest's words]   install what tests need and run them
#   ./run.sh check                   lint, format and types
#   ./run.sh storm [--rounds N]      the real daemon among faults, kills and full disks; then logs against store
#   ./run.sh bench                   measure, and print the table beside its targets
#   ./run.sh docs                    write the generated pages of docs/ again
#   ./run.sh train DATA OUT          train the shipped model again from a folder of research sets
#   ./run.sh lock                    resolve the exact versions again, after pyproject.toml changed
set -euo pipefail
cd "$(dirname "$0")"
venv=.venv

find_python() {
  for name in python3.13 python3.12 python3.11 python3 python3.14; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "run.sh: no Python 3.11 or newer was found; install one and run this again" >&2
  exit 1
}

# install LOCKFILE: bring .venv to the exact versions of the lock file, and frankly into it, if that is not so yet.
install() {
  if [ ! -x "$venv/bin/python" ]; then
    "$(find_python)" -m venv "$venv" || {
      echo "run.sh: this Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
      exit 1
    }
  fi
  local stamp="$venv/installed-$1" wanted
  wanted=$(cat "$1" pyproject.toml | cksum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the packages of $1 …" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --editable .
    echo "$wanted" >"$stamp"
  fi
}

command=${1:-help}
[ $# -eq 0 ] || shift
case "$command" in
  rehearse)
    install requirements.lock
    exec "$venv/bin/frankly" rehearse "$@"
    ;;
  test)
    install requirements-dev.lock
    # Everything takes a worker to a core; with words, pytest does what they say, so that -s and a single test stay simple.
    # Not "auto": that counts physical cores, of which many a small machine has one. Each worker may load the model and a
    # browser, hence at most four. Tests that share a fixture of their file stay together until a worker has none left.
    [ $# -gt 0 ] || set -- --numprocesses logical --maxprocesses 4 --dist worksteal
    exec "$venv/bin/python" -m pytest "$@"
    ;;
  check)
    install requirements-dev.lock
    "$venv/bin/ruff" check .
    "$venv/bin/ruff" format --check .
    "$venv/bin/mypy"
    ;;
  storm)
    install requirements-dev.lock
    exec "$venv/bin/python" -m tests.storm "$@"
    ;;
  bench)
    install requirements-dev.lock
    exec "$venv/bin/python" -m benchmarks "$@"
    ;;
  docs)
    install requirements-dev.lock
    exec "$venv/bin/python" -m docs.generate
    ;;
  train)
    install requirements-dev.lock
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[train]"
    # One worker to a core is faster than threads. A GPU is fed by one, but where an ensemble is trained (--members) each
    # worker trains networks of its own, and several feed it better: WORKERS=8 ./run.sh train …
    workers=${WORKERS:-$(command -v nvidia-smi >/dev/null && echo 1 || nproc)}
    exec "$venv/bin/python" -m torch.distributed.run --nproc-per-node "$workers" --master-addr 127.0.0.1 \
      -m classifiers.training --data "$1" --out "$2" "${@:3}"
    ;;
  lock)
    install requirements-dev.lock
    "$venv/bin/python" -m pip install --quiet "uv>=0.8"
    for extra in "" dev; do
      "$venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header \
        --no-annotate ${extra:+--extra "$extra"} pyproject.toml --output-file "requirements${extra:+-$extra}.lock"
    done
    ;;
  *)
    sed -n 's/^#   //p' "$0"
    [ "$command" = help ] || exit 2
    ;;
esac

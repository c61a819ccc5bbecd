#!/bin/sh
# Checks the project's JavaScript: format, lint, types. With --write it formats and fixes what biome can fix safely.
set -eu
cd "$(dirname "$0")/../.."

case "${1-}" in
  "") check=ci ;;
  --write) check="check --write" ;;
  *)
    echo "usage: $0 [--write]" >&2
    exit 2
    ;;
esac

tools=.local/javascript
PATH="$PWD/.venv/bin:$PATH" # the node that the tools start with

tools/javascript/install.sh

if [ -t 1 ]; then colors=force; else colors=off; fi
# $check is two words.
# shellcheck disable=SC2086
"$tools/node_modules/.bin/biome" $check --error-on-warnings --colors="$colors"
"$tools/node_modules/.bin/tsc" --build

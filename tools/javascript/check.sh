#!/bin/sh
# Checks the JavaScript: format, lint, types. With --write it formats, and fixes lint where that is safe.
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
PATH="$PWD/.venv/bin:$PATH" # the Node that the tools use

tools/javascript/install.sh

if [ -t 1 ]; then colors=force; else colors=off; fi
# $check is two words.
# shellcheck disable=SC2086
"$tools/node_modules/.bin/biome" $check --error-on-warnings --colors="$colors"
"$tools/node_modules/.bin/tsc" --build

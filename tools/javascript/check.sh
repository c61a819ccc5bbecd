#!/bin/sh
# Checks the project's JavaScript: format, lint, types. With --write it formats and mends what biome can mend safely.
# The tools go into .local/javascript and are installed again only when their lock file has changed.
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

source=tools/javascript
tools=.local/javascript
PATH="$PWD/.venv/bin:$PATH" # npm, and the node that the tools start with

if ! cmp -s "$source/package-lock.json" "$tools/installed-lock.json"; then
  echo "Installing the JavaScript tools into $tools"
  mkdir -p "$tools"
  rm -f "$tools/installed-lock.json"
  # npm reads the .npmrc beside the package.json.
  cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$tools/"
  npm ci --prefix "$tools" --no-progress
  # Last, so that an interrupted install is done again.
  cp "$source/package-lock.json" "$tools/installed-lock.json"
fi

if [ -t 1 ]; then colors=force; else colors=off; fi
# $check is two words.
# shellcheck disable=SC2086
"$tools/node_modules/.bin/biome" $check --error-on-warnings --colors="$colors"
"$tools/node_modules/.bin/tsc" --build

#!/bin/sh
# Installs the JavaScript tools into .local/javascript; does nothing when that has what the lock file names.
set -eu
cd "$(dirname "$0")/../.."

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

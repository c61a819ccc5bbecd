#!/bin/sh
# Installs the JavaScript tools of the lock file into .local/javascript, unless they are installed.
set -eu
cd "$(dirname "$0")/../.."

source=tools/javascript
tools=.local/javascript
PATH="$PWD/.venv/bin:$PATH" # npm, and the Node that the tools use

if ! cmp -s "$source/package-lock.json" "$tools/installed-lock.json"; then
  echo "Installing the JavaScript tools into $tools"
  mkdir -p "$tools"
  rm -f "$tools/installed-lock.json"
  # npm reads the .npmrc beside package.json.
  cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$tools/"
  npm ci --prefix "$tools" --no-progress
  # Last, so that an interrupted install is repeated.
  cp "$source/package-lock.json" "$tools/installed-lock.json"
fi

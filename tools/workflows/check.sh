#!/bin/sh
# Checks the GitHub Actions workflows with actionlint, built from its Go module into .local/actionlint.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v go >/dev/null; then
  echo "The workflows are not checked: actionlint is built with Go, and there is none." >&2
  exit 0
fi

tool=.local/actionlint/actionlint
sums=tools/workflows/go.sum
if ! cmp -s "$sums" .local/actionlint/go.sum; then
  echo "Building actionlint"
  mkdir -p .local/actionlint
  # Its version, and what each module has to be, are in go.mod and go.sum.
  go build -C tools/workflows -o "$PWD/$tool" github.com/rhysd/actionlint/cmd/actionlint
  # Last, so that an interrupted build is done again.
  cp "$sums" .local/actionlint/go.sum
fi
"$tool"

# Pinned by commit: a tag can be moved to other code, which would run with our credentials.
unpinned=$(grep -nE '^[[:space:]]*(- )?uses:' .github/workflows/*.yml .github/actions/*/action.yml | grep -vE '@[0-9a-f]{40} # v[0-9.]+$|uses: \./' || true)
if [ -n "$unpinned" ]; then
  printf 'Not pinned by commit, with the version as a comment:\n%s\n' "$unpinned" >&2
  exit 1
fi

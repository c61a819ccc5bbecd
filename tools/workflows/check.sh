#!/bin/sh
# Checks the workflows of GitHub Actions: their security with zizmor, their syntax with actionlint, which Go builds into
# .local/actionlint.
set -eu
cd "$(dirname "$0")/../.."

# Sends no request: what an advisory says about a pinned action is not checked here.
findings=$(.venv/bin/zizmor --offline --quiet --no-progress .github 2>&1) || { printf '%s\n' "$findings" >&2; exit 1; }

if ! command -v go >/dev/null; then
  echo "The workflows were not checked with actionlint: building it needs Go." >&2
  exit 0
fi

tool=.local/actionlint/actionlint
sums=tools/workflows/go.sum
if ! cmp -s "$sums" .local/actionlint/go.sum; then
  echo "Building actionlint"
  mkdir -p .local/actionlint
  # go.mod and go.sum pin its version and every source.
  go build -C tools/workflows -o "$PWD/$tool" github.com/rhysd/actionlint/cmd/actionlint
  # Last, so that an interrupted build is repeated.
  cp "$sums" .local/actionlint/go.sum
fi
"$tool"

# Actions are pinned by commit: a moved tag would run other code with our credentials.
unpinned=$(grep -nE '^[[:space:]]*(- )?uses:' .github/workflows/*.yml .github/actions/*/action.yml | grep -vE '@[0-9a-f]{40} # v[0-9.]+$|uses: \./' || true)
if [ -n "$unpinned" ]; then
  printf 'Not pinned by commit, with the version as a comment:\n%s\n' "$unpinned" >&2
  exit 1
fi

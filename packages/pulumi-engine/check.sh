#!/bin/sh
# Checks the Go code: format, vet, tests. Vet and tests need the Go modules of a build, so they run only if the engine
# whose record is the argument (engine.json) was built.
set -eu
record=$(realpath -m "${1:-/dev/null}")
cd "$(dirname "$0")/src/pulumi_engine"

command -v gofmt >/dev/null || exit 0
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
  printf 'Not formatted (gofmt -w fixes it):\n%s\n' "$unformatted" >&2
  exit 1
fi

grep -q '"origin": *"built"' "$record" 2>/dev/null || exit 0
# As go.py builds: what a build has compiled is not compiled again.
export CGO_ENABLED=0 GOWORK=off GOFLAGS="-mod=readonly -trimpath -buildvcs=false"
(cd cli && go vet ./... && go test ./... >/dev/null)
(cd provider && go vet ./...)

#!/usr/bin/env bash
# Writes the one comment of this workflow on a pull request, and updates it later.
# usage: comment.sh NUMBER FILE (with GH_TOKEN and GITHUB_REPOSITORY, as in a workflow)
set -euo pipefail

number=$1 file=$2
# An invisible mark tells this comment from others by the same bot.
mark='<!-- actions-ops outcomes -->'
body=$(printf '%s\n%s\n' "$mark" "$(cat "$file")")
comments="repos/$GITHUB_REPOSITORY/issues/$number/comments"

id=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
if [ -n "$id" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --raw-field body="$body"
else
  gh api --silent --method POST "$comments" --raw-field body="$body"
fi

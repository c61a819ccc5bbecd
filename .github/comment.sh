#!/usr/bin/env bash
# Keeps one comment on a pull request: writes it the first time, later updates it in place.
# usage: comment.sh NUMBER FILE (with GH_TOKEN and GITHUB_REPOSITORY, as in a workflow)
set -euo pipefail

number=$1 file=$2
# A comment of this workflow is known by a mark that is not shown, whoever else comments as the same bot.
mark='<!-- actions-ops outcomes -->'
body=$(printf '%s\n%s\n' "$mark" "$(cat "$file")")
comments="repos/$GITHUB_REPOSITORY/issues/$number/comments"

found=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
if [ -n "$found" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --raw-field body="$body"
else
  gh api --silent --method POST "$comments" --raw-field body="$body"
fi

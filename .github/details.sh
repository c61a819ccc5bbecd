#!/usr/bin/env bash
# Prints a text file as Markdown that a click opens: as it is, whatever is in it.
# usage: details.sh TITLE FILE
set -euo pipefail

title=$1 file=$2
# A comment or a summary has room for this of each; the log has all of it.
most=15000

# A fence is longer than every run of backticks between it.
longest=$({ grep -o '`*' "$file" 2>/dev/null || true; } | awk 'length > n { n = length } END { print n + 0 }')
fence=$(printf '%*s' $((longest < 3 ? 3 : longest + 1)) '' | tr ' ' '`')

printf '\n<details><summary>%s</summary>\n\n%stext\n' "$title" "$fence"
if [ -s "$file" ]; then
  head -c "$most" "$file"
  [ "$(wc -c < "$file")" -le "$most" ] || printf '\n… (cut here; the log of the job has all of it)'
else
  printf 'There is none: see the log of its job.'
fi
printf '\n%s\n\n</details>\n' "$fence"

#!/usr/bin/env bash
# Tests tests/lint --changed and its hook in a small repository; and how tests/run --only finds a test.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org

failed=0
# expect STATUS PART-OF-THE-OUTPUT COMMAND…
expect() {
  local status=$1 part=$2 output code=0
  shift 2
  output=$("$@" 2>&1) || code=$?
  if [[ $code -ne $status || $output != *"$part"* ]]; then
    printf 'expected status %s and "%s" from: %s\ngot %s:\n%s\n' "$status" "$part" "$*" "$code" "$output" >&2
    failed=1
  fi
}

cd "$scratch"
mkdir -p tests module/queue module/health runner
cp "$here/lint" "$here/dependency_rules.sh" tests/
cp "$here/../.clang-format" .
touch module/CMakeLists.txt runner/CMakeLists.txt tests/CMakeLists.txt
echo 'int   old( );' >module/queue/old.h
git init -q .
git add -A
git commit -qm 'Begin'

expect 0 '' tests/lint --changed
expect 0 'before each commit' tests/lint --install-hook
expect 0 'before each commit' tests/lint --install-hook
echo 'int   a( );' >module/queue/a.h
expect 1 'module/queue/a.h' tests/lint --changed
git add -A
expect 1 'module/queue/a.h' git commit -qm 'Add a badly laid out file'
clang-format -i module/queue/a.h
git add -A
expect 0 '' git commit -qm 'Add a file'
echo '#include "module/store/sql/sql.h"' >module/queue/b.h
expect 1 'module/queue knows only itself' tests/lint --changed
rm module/queue/b.h
printf 'taskqueue_library(q\n  queue/b.cpp\n  queue/a.cpp\n)\n' >module/CMakeLists.txt
expect 1 'CMakeLists.txt:3:  queue/a.cpp' tests/lint --changed
printf 'taskqueue_library(q\n  queue/a.cpp queue/b.cpp\n)\n' >module/CMakeLists.txt
expect 1 'one source a line' tests/lint --changed
echo '#!/bin/sh' >.git/hooks/pre-commit
expect 1 'another hook' tests/lint --install-hook
mv .git .git-away
expect 1 'git cannot tell' tests/lint --changed
mv .git-away .git
expect 64 "no option '--chnaged'" tests/lint --chnaged
expect 64 "no file 'nothing.cpp'" tests/lint nothing.cpp

expect 64 'takes SUITE.NAME' "$here/run" --only Status
expect 64 'has a test Status.Nothing' "$here/run" --only Status.Nothing
expect 64 'no other option' "$here/run" --only Status.Nothing --fast
exit $failed

# Installs packages from npm outside the checkout. Sourced.
# shellcheck shell=bash

# install_npm_libraries SOURCE DIRECTORY: puts what SOURCE/package-lock.json names into DIRECTORY, unless it is there. Returns 1
# with npm's output on stderr when npm fails.
install_npm_libraries() {
  local source=$1 directory=$2 name
  if cmp -s "$source/package-lock.json" "$directory/installed"; then return 0; fi
  mkdir -p "$directory"
  for name in package.json package-lock.json .npmrc; do cp "$source/$name" "$directory/"; done
  npm --prefix "$directory" ci --ignore-scripts --no-progress >"$directory/npm.log" 2>&1 || {
    cat "$directory/npm.log" >&2
    return 1
  }
  cp "$source/package-lock.json" "$directory/installed"
}

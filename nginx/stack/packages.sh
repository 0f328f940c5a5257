# Installs missing Debian packages without starting their services. Sourced, after progress.sh.
# shellcheck shell=bash disable=SC2034,SC2154  # the other parts and nginx/serve share the variables

readonly kPolicy=/usr/sbin/policy-rc.d
readonly kPolicyMark='# Written by TaskQueue while it installs packages.'
readonly kInstallLock=/run/lock/taskqueue-packages.lock
readonly kAptLockSeconds=600

# Prints the packages that the lists name.
packages_in() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@"; }

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing_packages() {
  local package
  while read -r package; do
    is_installed "$package" || printf '%s\n' "$package"
  done < <(packages_in "$@")
}

# invoke-rc.d reads this file before it starts a service; exit status 101 forbids the start. An existing file is kept.
hold_services() {
  [[ ! -e $kPolicy ]] || return 0
  printf '#!/bin/sh\n%s\nexit 101\n' "$kPolicyMark" >"$kPolicy"
  chmod 755 "$kPolicy"
}

# Also removes the file of a killed run.
release_services() {
  if [[ -f $kPolicy ]] && grep -qF "$kPolicyMark" "$kPolicy"; then rm -f "$kPolicy"; fi
}

# A service that we installed must not start at the next boot either. Without systemctl there is no such boot.
disable_services() {
  local package unit
  command -v systemctl >/dev/null || return 0
  for package in "$@"; do
    case $package in
      nginx | supervisor) unit=$package ;;
      mariadb-server) unit=mariadb ;;
      *) continue ;;
    esac
    systemctl disable "$unit.service" >/dev/null 2>&1 || true
  done
}

apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    run_logged "$apt_log" apt-get -q -o "DPkg::Lock::Timeout=$kAptLockSeconds" "$@"
}

# install_packages LOG LIST…: installs the missing packages of the lists. Ends the program when it fails.
install_packages() {
  local apt_log=$1 lock missing
  shift
  release_services
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  mkdir -p "${kInstallLock%/*}"
  exec {lock}>"$kInstallLock"
  flock -w "$kAptLockSeconds" "$lock" || fail "another run has been installing packages for $kAptLockSeconds s"
  say "Installing from the distribution: ${missing[*]}"
  job_ends=no
  hold_services
  apt update || fail_with_log "$apt_log" "apt-get update failed"
  apt install -y --no-install-recommends "${missing[@]}" || fail_with_log "$apt_log" "apt-get install failed"
  release_services
  disable_services "${missing[@]}"
  exec {lock}>&-
}

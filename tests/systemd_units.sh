#!/bin/sh
# Checks the units of runner/systemd with systemd-analyze, using an existing program in place of ours: that systemd takes
# them, and that their sandbox is as tight as the limits below. Prints complaints.
set -eu
units=$(dirname "$0")/../runner/systemd
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
for unit in "$units"/*.in; do
  name=${unit##*/}
  sed 's|@BINDIR@/[a-z-]*|/bin/true|; s|@SYSCONFDIR@|/etc|; s|@DOCDIR@|/usr/share/doc/taskqueue-doc|' "$unit" >"$copy/${name%.in}"
  if grep -n '@[A-Z_]*@\|/usr/local' "$copy/${name%.in}"; then
    echo "$name has a path that the installation does not fill in" >&2
    exit 1
  fi
done
cp "$copy/task-runner@.service" "$copy/task-runner@1.service"   # the template unit is checked through one instance
failed=0

verify() {
  complaints=$(systemd-analyze verify --man=no "$copy"/task-runner@1.service "$copy"/taskqueue-*.* 2>&1) || failed=1
  [ -z "$complaints" ] || { printf '%s\n' "$complaints"; failed=1; }
}

# demand_exposure UNIT LIMIT: LIMIT is in tenths of the exposure that systemd-analyze computes, which is from 0 to 10.
demand_exposure() {
  systemd-analyze security --no-pager --offline=true --threshold="$2" "$copy/$1" >"$copy/exposure" 2>&1 && return
  printf '%s: the sandbox is too wide, the limit is %s tenths\n' "$1" "$2"
  grep -E '✗|Overall' "$copy/exposure" || cat "$copy/exposure"
  failed=1
}

# A setting that is missing here would not be found by the commands above.
demand_setting() {
  grep -q "^$2" "$copy/$1" || { printf '%s lacks %s\n' "$1" "$2"; failed=1; }
}

verify
demand_exposure taskqueue-fcgi.service 25
demand_exposure taskqueue-overseer.service 25
demand_exposure task-runner@1.service 40
for unit in taskqueue-fcgi.service task-runner@1.service; do
  for setting in Type=notify WatchdogSec= ExecReload= ; do demand_setting "$unit" "$setting"; done
done
for unit in "$copy"/*.service "$copy"/*.socket "$copy"/*.timer; do
  for setting in Documentation= ConditionPathExists=/etc/taskqueue/taskqueue.ini; do demand_setting "${unit##*/}" "$setting"; done
done
exit $failed

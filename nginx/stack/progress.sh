# Prints progress lines and the last line of a failed run, and runs steps that write to a log. Sourced.
# shellcheck shell=bash disable=SC2034,SC2154  # the other parts and nginx/serve share the variables

readonly kTailLines=20
job=          # the running step; it leads its own session
job_ends=no   # yes: a signal may end it

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# fail_with_log LOG MESSAGE: prints the log's end, then one line that names the log.
fail_with_log() {
  local log=$1
  shift
  if [[ -s $log ]]; then tail -n "$kTailLines" "$log" | sed 's/^/    | /' >&2; fi
  fail "$*; the log is $log"
}

# run_logged LOG COMMAND…: runs the command with its output in LOG and returns its exit code. It shows ninja's progress,
# "[12/80]", now and then. A signal ends the command, unless the caller has set job_ends=no.
run_logged() {
  local log=$1 shown='' step code=0
  shift
  setsid "$@" </dev/null >>"$log" 2>&1 &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    for _ in {1..50}; do
      kill -0 "$job" 2>/dev/null || break
      sleep 0.2
    done
    step=$(tail -n 1 "$log" 2>/dev/null | grep -Eo '^\[[0-9]+/[0-9]+\]' || true)
    if [[ -n $step && $step != "$shown" ]]; then note "$step"; fi
    shown=$step
  done
  wait "$job" || code=$?
  job=
  return "$code"
}

# Called by a trap: ends the running step, or waits for it when an interruption would do harm.
end_job() {
  [[ -n $job ]] || return 0
  if [[ $job_ends == yes ]]; then
    kill -TERM -- "-$job" 2>/dev/null || true
  else
    note "waiting for the step that must not be cut off"
  fi
  while kill -0 "$job" 2>/dev/null; do sleep 0.2; done
  job=
}

# eventually SECONDS COMMAND…: repeats the command until it succeeds; returns 1 when the time is over.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

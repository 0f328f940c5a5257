# Starts and stops the processes of a home, and finds them by their command lines, however they were started. Sourced.
# shellcheck shell=bash disable=SC2034,SC2154  # the other parts and nginx/serve share the variables

readonly kCleanPath=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
readonly kSupervisordSeconds=15
readonly kModuleStopSeconds=30
readonly kNginxStopSeconds=15
readonly kDatabaseStopSeconds=60

# processes_of KIND: prints the process ids of this home's supervisord, runners, workers, module, nginx or database.
# /proc/*/cmdline is readable everywhere, unlike /proc/*/exe in a container.
processes_of() {
  local directory pid line
  local -a words
  for directory in /proc/[0-9]*; do
    mapfile -d '' -t words 2>/dev/null <"$directory/cmdline" || continue
    ((${#words[@]} > 0)) || continue
    line=" ${words[*]} "
    pid=${directory#/proc/}
    if is_process_of "$1" "$line" "${words[0]}" "$pid"; then printf '%s\n' "$pid"; fi
  done 2>/dev/null
}

# is_process_of KIND LINE PROGRAM PID: succeeds if the process is of this kind and of this home.
is_process_of() {
  local line=$2 program=$3 pid=$4
  case $1 in
    supervisord) [[ $line == *"/supervisord "*" $home/supervisord.conf "* ]] ;;
    runners) [[ $program == */task-runner && $line == *" $home/"* && $line != *' --worker'* ]] ;;
    workers) [[ $program == "$home"/program/bin/task-runner && $line == *' --worker'* ]] ;;
    module) [[ $program == */taskqueue-fcgi && $line == *" $home/taskqueue.ini "* ]] ;;
    nginx) is_nginx_of_home "$line" "$pid" ;;
    database) [[ $program == */mariadbd && $line == *" --datadir=$home/database "* ]] ;;
  esac
}

# An nginx worker whose master was killed does not have the home in its command line, but works in its directory.
is_nginx_of_home() {
  [[ $1 == *nginx* ]] || return 1
  [[ $1 == *" $home/nginx/nginx.conf "* ]] && return 0
  [[ $1 == *'nginx: worker process'* ]] || return 1
  [[ $(readlink "/proc/$2/cwd" 2>/dev/null) == "$home/nginx" ]]
}

no_process_of() { [[ -z $(processes_of "$1") ]]; }

supervisord_lives() { [[ -n $(processes_of supervisord) ]]; }

start_supervisord() {
  supervisord_lives && return 0
  say "Starting supervisord"
  # supervisord gets a clean environment, which its programs inherit, and does not inherit our lock. In its own session Ctrl-C
  # does not reach it, so we can stop it in order.
  started=yes
  setsid env -i PATH="$kCleanPath" LANG=C.UTF-8 supervisord -c "$home/supervisord.conf" \
    </dev/null >"$home/log/supervisord-start.log" 2>&1 {home_lock}>&- &
  supervisord=$!
  eventually "$kSupervisordSeconds" supervisord_answers ||
    fail_with_log "$home/log/supervisord-start.log" "supervisord does not answer after $kSupervisordSeconds s"
}

control() { supervisorctl -c "$home/supervisord.conf" "$@"; }

supervisord_answers() {
  kill -0 "$supervisord" 2>/dev/null ||
    fail_with_log "$home/log/supervisord-start.log" "supervisord ended at its start"
  control pid >/dev/null 2>&1
}

start_programs() {
  local log=$home/log/supervisord-start.log
  say "Starting nginx, the FastCGI program and $runners runners"
  write_programs_for_supervisord
  control update >>"$log" 2>&1 || fail_with_log "$log" "supervisord does not take its programs"
}

# end_processes KIND SECONDS [NAME]: sends TERM, and KILL when the time is over.
end_processes() {
  local pids
  mapfile -t pids < <(processes_of "$1")
  ((${#pids[@]} > 0)) || return 0
  stopped+=("${3:-$1}")
  kill -TERM "${pids[@]}" 2>/dev/null || true
  eventually "$2" no_process_of "$1" && return 0
  note "the $1 did not stop within $2 s: killing"
  mapfile -t pids < <(processes_of "$1")
  kill -KILL "${pids[@]}" 2>/dev/null || true
  eventually 10 no_process_of "$1" || fail "the $1 of $home cannot be ended: ${pids[*]}"
}

# Runners started by a request or a person do not belong to supervisord. They end first, while the database is still up.
end_stray_runners() {
  local pid parent supervisord_pid
  local -a strays=()
  supervisord_pid=$(processes_of supervisord | head -n 1)
  for pid in $(processes_of runners); do
    parent=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    [[ $parent == "${supervisord_pid:-none}" ]] || strays+=("$pid")
  done
  ((${#strays[@]} > 0)) || return 0
  stopped+=(runners)
  kill -TERM "${strays[@]}" 2>/dev/null || true
  eventually "$(stop_seconds)" none_alive "${strays[@]}" || kill -KILL "${strays[@]}" 2>/dev/null || true
}

none_alive() {
  local pid
  for pid in "$@"; do
    if kill -0 "$pid" 2>/dev/null; then return 1; fi
  done
}

# supervisord stops its programs one by one, by descending priority: runners, module, nginx, database.
end_supervisord() {
  local limit=$(($(stop_seconds) + kModuleStopSeconds + kNginxStopSeconds + kDatabaseStopSeconds + 10))
  supervisord_lives || return 0
  touch "$home/run/stopping"
  end_processes supervisord "$limit" 'supervisord with its programs'
}

# Stops all processes of this home in order, and returns when they have ended. `stopped` names what was running.
stop_stack() {
  stopped=()
  end_stray_runners
  end_supervisord
  end_processes runners "$(stop_seconds)"
  end_processes workers 5
  end_processes module "$kModuleStopSeconds"
  end_processes nginx "$kNginxStopSeconds"
  end_processes database "$kDatabaseStopSeconds"
  rm -f "$home/run/taskqueue.sock" "$home/run/supervisor.sock" "$home/run/supervisord.pid"
}

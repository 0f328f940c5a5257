# Makes the home: its path, directories and their owners, users and secrets. Sourced, after progress.sh.
# shellcheck shell=bash disable=SC2034,SC2154  # the other parts and nginx/serve share the variables

readonly kAccount=taskqueue   # account of the module and the runners
readonly kWebAccount=taskqueue-nginx  # account of nginx alone: a site's PHP is www-data
readonly kDatabaseAccount=mysql
readonly kGenerated='^[0-9a-f]{64}$'  # a secret that serve generated
readonly kLongestHome=70      # the path of a unix socket inside must stay under 108 bytes

# as USER COMMAND…: runs the command as this user.
as() {
  local user=$1
  shift
  setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
}

# blocked_directory USER DIRECTORY: prints the topmost directory on the path that the user may not enter.
blocked_directory() {
  local user=$1 path='' part
  local -a parts
  IFS=/ read -ra parts <<<"${2#/}"
  for part in "${parts[@]}"; do
    path+=/$part
    [[ -d $path ]] || return 0
    if ! as "$user" test -x "$path"; then
      printf '%s' "$path"
      return 0
    fi
  done
}

refuse_odd_path() {
  [[ $home =~ ^/[A-Za-z0-9._/+@-]+$ ]] ||
    fail "the home $home has characters that do not fit into configuration files: choose another with --home DIR"
  ((${#home} <= kLongestHome)) ||
    fail "the home $home is longer than $kLongestHome characters, too long for sockets: choose another with --home DIR"
}

# The default home is var/ in the checkout. The stack's users cannot reach a checkout inside a private directory. Then var/
# becomes a link to a directory in /var/lib.
choose_home() {
  local chosen=$1 blocked
  if [[ -n $chosen ]]; then
    home=$(realpath -m -- "$chosen")
    refuse_odd_path
    return 0
  fi
  home=$(realpath -m -- "$checkout/var")
  if [[ ! -e $checkout/var ]]; then
    blocked=$(blocked_directory "$kWebAccount" "$home")
    if [[ -n $blocked || ! $home =~ ^/[A-Za-z0-9._/+@-]+$ || ${#home} -gt $kLongestHome ]]; then
      home=/var/lib/taskqueue-$(printf %s "$checkout" | sha256sum | cut -c 1-8)
    fi
  fi
  refuse_odd_path
}

link_home() {
  [[ -z $chosen_home && ! -e $checkout/var && $home != "$checkout/var" ]] || return 0
  mkdir -p "$home"
  ln -sfn "$home" "$checkout/var"
  note "$checkout is not open to the stack's users: the home is $home, and var links to it"
}

# Protects foreign directories: a typo such as --home /etc must not change owners there.
refuse_foreign_directory() {
  local entry
  [[ -d $home && ! -e $home/serve.lock ]] || return 0
  while read -r entry; do
    case $entry in
      local.ini | import | handlers) ;;
      *) fail "$home is not empty and not a home of ours ($entry is in it): choose another with --home DIR" ;;
    esac
  done < <(ls -A "$home")
}

# Makes what is needed before packages are installed: the lock and the logs.
open_home() {
  refuse_foreign_directory
  link_home
  mkdir -p "$home" || fail "cannot make the home $home"
  chown root:root "$home"
  chmod 755 "$home"
  mkdir -p "$home/log"
}

lock_home() {
  exec {home_lock}>"$home/serve.lock"
  flock -n "$home_lock" && return 0
  note "another serve is at work in $home: waiting for it"
  flock -w "$kLockSeconds" "$home_lock" || fail "another serve has been at work in $home for $kLockSeconds s"
}

unlock_home() {
  [[ -n ${home_lock:-} ]] || return 0
  exec {home_lock}>&-
  home_lock=
}

make_accounts() {
  local account
  for account in "$kAccount" "$kWebAccount"; do
    getent passwd "$account" >/dev/null && continue
    say "Making the system user $account"
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$account" ||
      fail "the system user $account could not be made"
  done
}

check_reach() {
  local user blocked
  for user in "$kAccount" "$kWebAccount" ${private_database:+"$kDatabaseAccount"}; do
    getent passwd "$user" >/dev/null || fail "there is no user $user, whom the stack needs"
    blocked=$(blocked_directory "$user" "$home")
    [[ -z $blocked ]] ||
      fail "the user $user may not pass $blocked, so the home cannot be $home: choose another with --home DIR"
  done
}

# directory NAME OWNER:GROUP MODE: makes a directory in the home.
directory() {
  install -d -o "${2%:*}" -g "${2#*:}" -m "$3" "$home/$1"
}

# Root owns the directories in which root makes files, so that no other user can plant a link there.
make_directories() {
  directory log "root:$kWebAccount" 750
  directory program root:root 755
  directory run root:root 755
  directory run/runners "$kAccount:$kAccount" 751
  directory run/wake "$kAccount:$kWebAccount" 2750
  directory site "$kAccount:$kWebAccount" 750
  directory nginx root:root 755
  directory nginx/temp "$kWebAccount:$kWebAccount" 700
  directory supervisord.d root:root 755
  directory import "root:$kAccount" 2770
  directory handlers root:root 755
  [[ -z $private_database ]] || directory run/database "$kDatabaseAccount:$kDatabaseAccount" 755
}

# write_file FILE OWNER:GROUP MODE: writes standard input to the file atomically.
write_file() {
  local new=$1.new
  rm -f "$new"
  (umask 077 && cat >"$new")
  chown "$2" "$new"
  chmod "$3" "$new"
  mv -f "$new" "$1"
}

# Prints the value of this name in the home's serve.env, or a new secret.
secret() {
  local value=''
  [[ ! -f $home/serve.env ]] || value=$(sed -n "s/^$1=\([0-9a-f]\{32,\}\)$/\1/p" "$home/serve.env")
  printf '%s' "${value:-$(openssl rand -hex 32)}"
}

read_secrets() {
  admin_user="admin"
  admin_password=$(secret ADMIN_PASSWORD)
  api_token=$(secret API_TOKEN)
  site_token=$(secret SITE_TOKEN)
  event_secret=$(secret EVENT_SECRET)
  nginx_secret=$(secret NGINX_SECRET)
  webhook_secret=$(secret WEBHOOK_SECRET)
  [[ -z $private_database ]] || database_password=$(secret DB_PASSWORD)
}

# Quotes a word for a shell: unquoted if that is safe, else in single quotes.
shell_word() {
  if [[ $1 =~ ^[A-Za-z0-9._/:@+,-]*$ ]]; then
    printf '%s' "$1"
  else
    printf "'%s'" "${1//\'/\'\\\'\'}"
  fi
}

setting() { printf '%s=%s\n' "$1" "$(shell_word "$2")"; }

write_serve_env() {
  {
    printf '# How to reach the stack in this home. BASE_URL has no slash at its end.\n'
    setting BASE_URL "http://127.0.0.1:$port${kBasePath%/}"
    setting ADMIN_USER "$admin_user"
    setting ADMIN_PASSWORD "$admin_password"
    setting API_TOKEN "$api_token"
    setting SITE_TOKEN "$site_token"
    setting EVENT_SECRET "$event_secret"
    setting NGINX_SECRET "$nginx_secret"
    setting WEBHOOK_SECRET "$webhook_secret"
    setting DB_SOCKET "$database_socket"
    setting DB_HOST "$database_host"
    setting DB_PORT "$database_port"
    setting DB_NAME "$schema"
    setting DB_USER "$database_user"
    setting DB_PASSWORD "$database_password"
    setting TABLE_PREFIX "$prefix"
    setting SUPERVISOR_CONF "$home/supervisord.conf"
    setting HOME_DIR "$home"
    setting IMPORT_DIRECTORY "$home/import"
  } | write_file "$home/serve.env" root:root 600
}

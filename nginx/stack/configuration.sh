# Writes the files that the programs read, from templates in the checkout. Sourced, after home.sh.
# shellcheck shell=bash disable=SC2034,SC2154  # the other parts and nginx/serve share the variables

readonly kSlots=4

# fill TEMPLATE: prints it with the words between @ signs replaced.
fill() {
  local text
  text=$(<"$1")
  text=${text//@HOME@/"$home"}
  text=${text//@PORT@/"$port"}
  text=${text//@BASE_PATH@/"$kBasePath"}
  text=${text//@SOCKET@/"$home/run/taskqueue.sock"}
  text=${text//@STATIC@/"$home/program/share/taskqueue/templates/static/"}
  text=${text//@WHO@/"$home/nginx/taskqueue-who.conf"}
  text=${text//@HTPASSWD@/"$home/nginx/htpasswd"}
  text=${text//@NGINX_SECRET@/"$home/nginx/taskqueue-secret.conf"}
  text=${text//@NGINX_USER@/"$kWebAccount"}
  text=${text//@PROGRAM@/"$home/program/bin"}
  text=${text//@CONFIGURATION@/"$home/taskqueue.ini"}
  text=${text//@LOG@/"$home/log"}
  text=${text//@RUNNERS@/"$runners"}
  text=${text//@STOP_SECONDS@/"$(stop_seconds)"}
  printf '%s\n' "$text"
}

# password_hash PASSWORD: prints the hash for nginx, which computes it at each request. A thousand rounds of MD5 protect a
# person's password from guessing. 32 random bytes do not need them; one round of salted SHA-1 is enough.
password_hash() {
  local password=$1 salt
  if [[ ! $password =~ $kGenerated ]]; then
    openssl passwd -apr1 -stdin <<<"$password"
    return
  fi
  salt=$(openssl rand -hex 8)
  { printf '%s%s' "$password" "$salt" | openssl dgst -sha1 -binary; printf '%s' "$salt"; } | base64 -w 0 | sed 's/^/{SSHA}/'
}

sha256_of() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }

generated_settings() {
  cat <<INI
; Written by nginx/serve at each start. What stands in local.ini beside this file is put at the end,
; and a setting there takes the place of the one here.

[database]
option_file=$home/database.cnf
name=$schema
table_prefix=$prefix

[web]
base_path=$kBasePath
templates_directory=$home/program/share/taskqueue/templates
threads=16
api_token_sha256=$(sha256_of "$api_token")
event_secret_sha256=$(sha256_of "$event_secret")
nginx_secret_sha256=$(sha256_of "$nginx_secret")
api_tokens_file=$home/api.tokens

[runner]
program=$home/program/bin/task-runner
run_directory=$home/run/runners
wake_directory=$home/run/wake
slots=$kSlots
drain_seconds=20
kill_grace_seconds=5

[product_import]
directory=$home/import

[site]
user=$kWebAccount
directory=$home/site

[webhook]
secret_file=$home/webhook.secret

[notify]
pages_url=http://127.0.0.1:$port$kBasePath
INI
}

# without_settings_of FILE: filters standard input, dropping settings that FILE also has. The programs reject a setting that
# occurs twice; a section may repeat.
without_settings_of() {
  awk '
    function key(line) { sub(/[ \t]*=.*/, "", line); sub(/^[ \t]+/, "", line); return section "." line }
    function enter(line) { sub(/^[ \t]*\[/, "", line); sub(/\].*/, "", line); section = line }
    FNR == 1 { section = ""; ++files }
    /^[ \t]*\[/ { enter($0) }
    files == 1 { if (/=/ && !/^[ \t]*[;#]/) given[key($0)] = 1; next }
    /=/ && !/^[ \t]*[;#]/ && (key($0) in given) { next }
    { print }
  ' "$1" -
}

write_settings() {
  printf '%s\n' "$webhook_secret" | write_file "$home/webhook.secret" "root:$kAccount" 640
  printf '[token.site]\nsha256=%s\nrole=operator\n' "$(sha256_of "$site_token")" |
    write_file "$home/api.tokens" "root:$kAccount" 640
  printf '%s\n' "$site_token" | write_file "$home/site/api.token" "root:$kWebAccount" 640
  printf '%s\n' "$event_secret" | write_file "$home/site/event.secret" "root:$kWebAccount" 640
  local local_settings=$home/local.ini
  if [[ -s $local_settings ]]; then
    awk '/^[ \t]*\[/ { exit } !/^[ \t]*([;#].*)?$/ { exit 1 }' "$local_settings" ||
      fail "$local_settings: a setting stands before the first [section]"
    generated_settings | without_settings_of "$local_settings"
    printf '\n; From local.ini\n'
    cat "$local_settings"
  else
    generated_settings
  fi | write_file "$home/taskqueue.ini" "root:$kAccount" 640
}

check_settings() {
  local log=$home/log/settings.log
  as "$kAccount" "$home/program/bin/task-runner" --check-config --config "$home/taskqueue.ini" >"$log" 2>&1 ||
    fail_with_log "$log" "the settings are wrong; yours are in $home/local.ini, which taskqueue.ini repeats at its end"
}

# runner_setting NAME: prints its value in the generated configuration.
runner_setting() {
  [[ -f $home/taskqueue.ini ]] || return 0
  awk -F= -v name="$1" '
    /^[ \t]*\[/ { in_runner = /^[ \t]*\[runner\]/ }
    in_runner && $1 ~ "^[ \t]*" name "[ \t]*$" { gsub(/[^0-9]/, "", $2); print $2; exit }
  ' "$home/taskqueue.ini"
}

# Prints how long a runner may take to stop.
stop_seconds() {
  local drain grace
  drain=$(runner_setting drain_seconds)
  grace=$(runner_setting kill_grace_seconds)
  printf '%d' $((${drain:-20} + ${grace:-5} + 10))
}

# Prints the lines of the users that people have added.
other_users() {
  [[ ! -f $home/nginx/htpasswd ]] || awk -F: -v admin="$admin_user" '$1 != admin' "$home/nginx/htpasswd"
}

write_nginx_configuration() {
  local from=$checkout/nginx others
  fill "$from/nginx.conf.template" | write_file "$home/nginx/nginx.conf" root:root 644
  fill "$from/taskqueue.conf.template" | write_file "$home/nginx/taskqueue.conf" root:root 644
  fill "$from/taskqueue-basic-auth.conf.template" | write_file "$home/nginx/taskqueue-who.conf" root:root 644
  printf 'fastcgi_param TASKQUEUE_SECRET "%s";\n' "$nginx_secret" |
    write_file "$home/nginx/taskqueue-secret.conf" "root:$kWebAccount" 640
  write_file "$home/nginx/taskqueue-http.conf" root:root 644 <"$from/taskqueue-http.conf"
  # People add users and roles to these two files, so they are kept.
  [[ -f $home/nginx/taskqueue-roles.conf ]] ||
    write_file "$home/nginx/taskqueue-roles.conf" root:root 644 <"$from/taskqueue-roles.conf"
  others=$(other_users)
  {
    printf '%s:%s\n' "$admin_user" "$(password_hash "$admin_password")"
    [[ -z $others ]] || printf '%s\n' "$others"
  } | write_file "$home/nginx/htpasswd" "root:$kWebAccount" 640
}

check_nginx_configuration() {
  local log=$home/log/nginx-check.log
  # nginx opens its standard output anew, which only the user who made the pipe may do.
  # shellcheck disable=SC2016  # the inner shell expands it
  as "$kWebAccount" bash -c 'set -o pipefail; nginx -e stderr -t -c "$1" 2>&1 | cat' check "$home/nginx/nginx.conf" >"$log" ||
    fail_with_log "$log" "nginx refuses its configuration"
}

write_supervisord_configuration() {
  fill "$checkout/runner/supervisord/supervisord.conf" | write_file "$home/supervisord.conf" root:root 644
  rm -f "$home"/supervisord.d/*.conf
}

write_programs_for_supervisord() {
  local name
  for name in nginx taskqueue; do
    fill "$checkout/runner/supervisord/$name.conf" | write_file "$home/supervisord.d/$name.conf" root:root 644
  done
}

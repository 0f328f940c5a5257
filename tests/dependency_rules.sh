#!/bin/sh
# Checks the include rules between folders. Prints every line that breaks one; ctest runs it from the checkout.
cd "$(dirname "$0")/.." || exit 2
broken=0
# forbid WHAT PATTERN FILES…
forbid() {
  what=$1 pattern=$2
  shift 2
  if grep -nE "$pattern" "$@" /dev/null; then
    echo "broken: $what" >&2
    broken=1
  fi
}
sources() { find "$@" -name '*.cpp' -o -name '*.h' | sort; }

forbid "the C API of the database stays in module/store" '#include <mysql' \
  $(sources module runner | grep -v '^module/store/')
forbid "libfcgi stays in one file" '#include <fcgi' $(sources module runner | grep -v '^module/web/fastcgi_server.cpp$')
forbid "Boost.Process stays in runner/workers" '#include <boost/process' \
  $(sources module runner | grep -v '^runner/workers/')
forbid "libcurl stays behind one interface" '#include <curl' \
  $(sources module runner | grep -v '^runner/mail/curl_library.h$')
forbid "GMime stays in the module that makes mails" '#include <(gmime|glib)' \
  $(sources module runner | grep -v '^runner/mail/mime/')
forbid "the rest of the runner knows that module by its interface" '#include "runner/mail/mime/' \
  $(sources module runner | grep -v '^runner/mail/mime/')
forbid "module never includes runner" '#include "runner/' $(sources module)
forbid "module/queue knows only itself" '#include "(module/(health|store|web|json|platform|command_line)|runner)/' \
  $(sources module/queue)
forbid "module/queue uses the standard library only" '#include <(boost|rapidjson|spdlog|CLI|openssl|kainjow)/' \
  $(sources module/queue)
forbid "module/health knows the queue and texts only" '#include "(module/(store|web|json|platform|command_line)|runner)/' \
  $(sources module/health)
forbid "the time zone database stays in one file" '#include <date/' \
  $(sources module runner | grep -v '^module/queue/schedule/time_zone.cpp$')
forbid "only main programs, 'taskqueue attach' and handlers open the store" '#include "module/store/' \
  $(sources module runner | grep -vE '^module/store/|/main\.cpp$|^module/command_line/attach\.cpp$|^runner/handlers/')
forbid "pages, command line and runner change things through TaskQueue and Schedules" \
  '(tasks|handlers|runners|schedules|maintenance|stores?)_?(\.|->)(cancelTask|changeTask|retryTask|requestDrain|requestStop|setPaused|setHandlerLimit|setTaskRunnerLimit|addSchedule|changeSchedule|removeSchedule|fireSchedule|recountTask|createRunIfAllowed|timeOutRunner)\(' \
  $(sources module/web module/command_line runner)
forbid "no macro makes SQL" '#define' $(sources module/store)
forbid "a list of sources in CMake has one source a line" '^[^#]*\.cpp +[^ ]*\.cpp' */CMakeLists.txt

# The lists must be sorted as by `LC_ALL=C sort`; entries that begin with ${ come last.
LC_ALL=C awk '
  /^[a-z_]+\([^ ]+( (STATIC|MODULE))?$/ { inList = 1; last = ""; next }
  /^\)/ { inList = 0 }
  inList && $1 ~ /\.cpp$|^\$\{/ {
    key = ($1 ~ /^\$/ ? "~" : "") $1
    if (key <= last) { printf "%s:%d:%s\n", FILENAME, FNR, $0; bad = 1 }
    last = key
  }
  END { exit bad }' */CMakeLists.txt || { echo "broken: a list of sources in CMake is sorted" >&2; broken=1; }
exit $broken

# What the scripts beside this one share: they source it. Each is a thin way into Backstep under a name of the
# manual; `backstep.yaml` is looked for in the current folder and above, or named by `--manifest FILE`.
# shellcheck shell=sh

set -eu
umask 077

manifest=''
log=''
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)

# Backstep of the clone that this file lies in, else the one that is installed.
backstep() {
  if [ -f "$root/src/main.ts" ] && [ -x "$root/node_modules/.bin/node" ]; then
    "$root/node_modules/.bin/node" "$root/src/main.ts" "$@"
  else
    command backstep "$@"
  fi
}

# misused MESSAGE: ends with 2, as Backstep does for a command line that it does not understand.
misused() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 2
}

# value NAME COUNT: an option without its value is not understood.
value() {
  [ "$2" -ge 2 ] || misused "$1 needs a value"
}

# run COMMAND...: with the manifest that was named; what it says goes to the log as well. Its exit code is kept.
run() {
  if [ -n "$manifest" ]; then set -- "$@" --manifest "$manifest"; fi
  if [ -z "$log" ]; then
    backstep "$@"
    return
  fi
  exec 4>&1
  code=$({ { backstep "$@" 2>&1 3>&- 4>&- || echo "$?" >&3; } | tee -a -- "$log" >&4; } 3>&1)
  exec 4>&-
  return "${code:-0}"
}

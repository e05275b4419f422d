#!/bin/sh
# Looks whether the release that should run does, and whether its state is sound; ends with 7 where something is wrong.
#   verify_rollback.sh [--version v1.2.1] [--log FILE]
# Without Backstep: what came into its place, the databases by sqlite3 where it is here, and what answers.
# shellcheck source=kit/plain.sh
. "$(dirname -- "$0")/plain.sh"

version=''
while [ $# -gt 0 ]; do
  case $1 in
    --version) value "$1" $#; version=${2#v}; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done

if has_backstep; then
  set -- verify
  if [ -n "$version" ]; then set -- "$@" --version "$version"; fi
  if [ -n "$log" ]; then set -- "$@" --log "$log"; fi
  log=''
  run_backstep "$@"
  exit
fi

is_sound=yes
wrong() {
  say "wrong: $1"
  is_sound=no
}

verify_unit() {
  case $kind in
    gone) ! is_there "$live" || wrong "$live is still there" ;;
    link) [ "$(readlink -- "$live" || :)" = "$source_text" ] || wrong "$live does not lead to $source_text" ;;
    database) verify_database ;;
    *) is_there "$live" || wrong "$live is missing" ;;
  esac
}

verify_database() {
  if ! is_there "$live"; then
    wrong "$live is missing"
  elif command -v sqlite3 >/dev/null 2>&1; then
    found=$(sqlite3 -batch -init /dev/null -readonly "$live" 'PRAGMA quick_check(1); PRAGMA foreign_key_check' 2>&1 || :)
    [ "$found" = ok ] || wrong "$live: $found"
  else
    say "$live: not looked into, sqlite3 is not here"
  fi
}

[ -z "$version" ] || [ "$version" = "$to" ] || wrong "this kit leads to $to, not to $version"
each_unit verify_unit
ready_seconds=0
(await_ready) || is_sound=no
[ "$is_sound" = yes ] || exit 7
say "$to is in its place"

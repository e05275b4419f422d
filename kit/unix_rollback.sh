#!/bin/sh
# Goes back to an older release with what was done since, then verifies it.
#   unix_rollback.sh [--version v1.2.1] [--log FILE]
# Without Backstep: as emergency_rollback.sh --confirm.
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
  set -- rollback --reason "$name" --yes
  if [ -n "$version" ]; then set -- "$@" --to "$version"; fi
  run_backstep "$@" || exit
  run_backstep verify
  exit
fi
set -- --confirm
if [ -n "$version" ]; then set -- "$@" --version "$version"; fi
if [ -n "$log" ]; then set -- "$@" --log "$log"; fi
exec sh "$kit/emergency_rollback.sh" "$@"

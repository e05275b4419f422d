#!/bin/sh
# Goes back to the release before and asks nothing.
#   emergency_rollback.sh --confirm [--version v1.2.1] [--log FILE] [--plain] [--despite-run]
# With Backstep there, Backstep does it. Without (or with --plain), this script does, from the plain files of the store.
# shellcheck source=kit/plain.sh
. "$(dirname -- "$0")/plain.sh"

is_confirmed=no
is_plain=no
despite_run=no
version=''
while [ $# -gt 0 ]; do
  case $1 in
    --confirm) is_confirmed=yes; shift ;;
    --version) value "$1" $#; version=${2#v}; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    --plain) is_plain=yes; shift ;;
    --despite-run) despite_run=yes; shift ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done
[ "$is_confirmed" = yes ] || misused 'it asks nothing, so it needs --confirm'

if [ "$is_plain" = no ] && has_backstep; then
  set -- rollback --emergency --confirm --reason "$name"
  if [ -n "$version" ]; then set -- "$@" --to "$version"; fi
  run_backstep "$@"
  exit
fi
[ -z "$version" ] || [ "$version" = "$to" ] || refuse 3 "this kit leads back to $to alone, not to $version; nothing was touched"
go_back

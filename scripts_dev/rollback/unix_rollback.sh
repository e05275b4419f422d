#!/bin/sh
# Goes back to an older release with what was done since, then verifies it.
#   unix_rollback.sh [--version v1.2.1] [--log FILE] [--reason TEXT] [--manifest FILE]
# Ends as `backstep rollback` does where that is not 0, else as `backstep verify`.
. "$(dirname -- "$0")/backstep.sh"

version=''
reason='unix_rollback.sh'
while [ $# -gt 0 ]; do
  case $1 in
    --version) value "$1" $#; version=${2#v}; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    --reason) value "$1" $#; reason=$2; shift 2 ;;
    --manifest) value "$1" $#; manifest=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done

if [ -n "$version" ]; then
  run rollback --to "$version" --reason "$reason" --yes
  run verify --version "$version"
else
  run rollback --reason "$reason" --yes
  run verify
fi

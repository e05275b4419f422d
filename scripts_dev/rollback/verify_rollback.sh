#!/bin/sh
# Makes every check of the release that should run now; ends with 7 where something is wrong.
#   verify_rollback.sh [--version v1.2.1] [--log FILE] [--manifest FILE]
# The log gets one line a check.
. "$(dirname -- "$0")/backstep.sh"

version=''
while [ $# -gt 0 ]; do
  case $1 in
    --version) value "$1" $#; version=$2; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    --manifest) value "$1" $#; manifest=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done

set -- verify
if [ -n "$version" ]; then set -- "$@" --version "$version"; fi
if [ -n "$log" ]; then set -- "$@" --log "$log"; fi
log=''
run "$@"

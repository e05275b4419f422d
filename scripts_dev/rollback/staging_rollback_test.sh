#!/bin/sh
# Rehearses the rollback: merges copies and says what it would do, then makes every check of what runs. Nothing live
# is changed.
#   staging_rollback_test.sh [--version v1.2.1] [--log FILE] [--manifest FILE]
# Ends with the code of the first of the two that is not 0.
. "$(dirname -- "$0")/backstep.sh"

version=''
while [ $# -gt 0 ]; do
  case $1 in
    --version) value "$1" $#; version=${2#v}; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    --manifest) value "$1" $#; manifest=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done

if [ -n "$version" ]; then run plan --to "$version"; else run plan; fi
run verify

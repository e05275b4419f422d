#!/bin/sh
# Goes back to the release before and asks nothing; where a check fails, it stays as it is for a person.
#   emergency_rollback.sh --confirm [--log FILE] [--manifest FILE]
. "$(dirname -- "$0")/backstep.sh"

is_confirmed=no
while [ $# -gt 0 ]; do
  case $1 in
    --confirm) is_confirmed=yes; shift ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    --manifest) value "$1" $#; manifest=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done
[ "$is_confirmed" = yes ] || misused 'it asks nothing, so it needs --confirm'

run rollback --emergency --confirm --reason 'emergency_rollback.sh'

#!/bin/sh
# Shows what a rollback makes of each database: the result lies in a folder, and nothing live is touched.
#   database_rollback.sh --into FOLDER [--log FILE]
# Program and database are switched together by emergency_rollback.sh: that is what goes back from an upgrade.
# shellcheck source=kit/plain.sh
. "$(dirname -- "$0")/plain.sh"

into=''
while [ $# -gt 0 ]; do
  case $1 in
    --into) value "$1" $#; into=$2; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done
[ -n "$into" ] || misused 'say where the results go: --into FOLDER'
! is_there "$into" || misused "$into is there already"

# The working files of the way back itself stay out of it.
rehearse_database() {
  [ "$kind" = database ] || return 0
  check_objects "$source"
  check_objects "$further"
  root="$into/$asset"
  mkdir -p -- "$root"
  staged="$root/result.db"
  build_database
  rm -rf -- "$root/made"
  say "$asset: $staged"
}

check_kit
mkdir -p -- "$into"
into=$(CDPATH='' cd -- "$into" && pwd)
work=$into
each_unit rehearse_database

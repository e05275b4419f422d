#!/bin/sh
# Brings databases alone back to their older shape, with the rows written since; the release stays.
#   database_rollback.sh --asset NAME [--asset NAME]... [--version v1.2.1] [--log FILE] [--manifest FILE]
# Program and database are switched together by unix_rollback.sh: that is what goes back from an upgrade.
. "$(dirname -- "$0")/backstep.sh"

version=''
assets=''
while [ $# -gt 0 ]; do
  case $1 in
    --asset)
      value "$1" $#
      case $2 in '' | *[!A-Za-z0-9._-]*) misused "$2 is no name of an asset" ;; esac
      assets="$assets --only $2"
      shift 2
      ;;
    --version) value "$1" $#; version=${2#v}; shift 2 ;;
    --log) value "$1" $#; log=$2; shift 2 ;;
    --manifest) value "$1" $#; manifest=$2; shift 2 ;;
    *) misused "$1 is not known; see the head of this file" ;;
  esac
done
[ -n "$assets" ] || misused 'name the database: --asset NAME, as the manifest calls it'

# Names of assets hold no blanks.
# shellcheck disable=SC2086
set -- rollback $assets --reason 'database_rollback.sh' --yes
if [ -n "$version" ]; then set -- "$@" --to "$version"; fi
run "$@"

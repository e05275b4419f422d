#!/bin/sh
# Makes every check, and leaves rollback_verification_report.json (and .html) in the current folder.
#   verify_data_integrity.sh [CONFIG_FOLDER DATABASE]
# Both must be there; what is checked is all that backstep.yaml at or above CONFIG_FOLDER names (else at or above
# the current folder). Ends with 7 where something is wrong.
. "$(dirname -- "$0")/backstep.sh"

here=$(pwd)
case $# in
  0) ;;
  2)
    [ -d "$1" ] || misused "$1 is no folder"
    [ -f "$2" ] || misused "$2 is no file"
    cd -- "$1"
    ;;
  *) misused 'it takes a folder and a database, or nothing' ;;
esac

run verify --out "$here"

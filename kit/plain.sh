# The way back without Backstep: what every script of the kit shares. They source it from their own folder.
# shellcheck shell=sh disable=SC2154
#
# It stops the application, builds the old state beside the live one from the plain files of the store, moves the live
# state aside, puts the old one in its place, and starts the application. Nothing is overwritten and nothing is removed
# but what it made itself. Each step looks at what is there, so a run that was killed is finished by calling it again.

set -eu
LC_ALL=C
export LC_ALL
umask 077
tab=$(printf '\t')

kit=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
name=${0##*/}
log=''

# shellcheck source=/dev/null
. "$kit/facts.sh"
# shellcheck source=/dev/null
. "$kit/service.sh"

work="$state/emergency/$pair"

say() {
  printf '%s: %s\n' "$name" "$1"
  if [ -d "$work" ]; then printf '%s %s\n' "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" "$1" >>"$work/log"; fi
  if [ -n "$log" ]; then printf '%s %s\n' "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" "$1" >>"$log"; fi
}

# refuse CODE MESSAGE: ends; what was said last is why.
refuse() {
  say "$2" >&2
  exit "$1"
}

# misused MESSAGE: ends with 2, as Backstep does for a command line that it does not understand.
misused() {
  printf '%s: %s\n' "$name" "$1" >&2
  exit 2
}

# value NAME COUNT: an option without its value is not understood.
value() {
  [ "$2" -ge 2 ] || misused "$1 needs a value"
}

# decode FIELD: `text` becomes what a field of a table stands for.
decode() {
  if [ "$1" = - ]; then
    text=''
  else
    text=$(printf '%b.' "$1")
    text=${text%.}
  fi
}

# has_backstep: whether Backstep itself can be called.
has_backstep() {
  command -v backstep >/dev/null 2>&1 && backstep --version >/dev/null 2>&1
}

# run_backstep COMMAND...: with the manifest that the kit was made for; to the log as well. Its exit code is kept.
run_backstep() {
  set -- "$@" --manifest "$manifest"
  if [ -z "$log" ]; then
    backstep "$@"
    return
  fi
  exec 4>&1
  code=$({ { backstep "$@" 2>&1 3>&- 4>&- || echo "$?" >&3; } | tee -a -- "$log" >&4; } 3>&1)
  exec 4>&-
  return "${code:-0}"
}

# sha256 FILE: its SHA-256, by whatever program there is.
sha256() {
  if command -v sha256sum >/dev/null 2>&1; then
    sum=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    sum=$(shasum -a 256 <"$1")
  else
    sum=$(openssl dgst -sha256 -r <"$1")
  fi
  printf '%s' "${sum%% *}"
}

require_sha256() {
  for program in sha256sum shasum openssl; do
    if command -v "$program" >/dev/null 2>&1; then return 0; fi
  done
  refuse 3 'no program for SHA-256 is here (sha256sum, shasum or openssl): nothing was touched'
}

# check_kit: its own files are as they were made.
check_kit() {
  require_sha256
  while read -r wanted file; do
    [ -f "$kit/$file" ] || refuse 3 "the kit is not whole: $file is missing; nothing was touched"
    [ "$(sha256 "$kit/$file")" = "$wanted" ] || refuse 3 "the kit was altered: $file; nothing was touched"
  done <"$kit/SHA256SUMS"
}

object_of() {
  rest=${1#??}
  printf '%s' "$store/objects/${1%"$rest"}/$rest"
}

# check_objects HASHES: each object of a list is there, with the bytes that it is named for.
check_objects() {
  [ "$1" != - ] || return 0
  for hash in $(printf '%s' "$1" | tr ',' ' '); do
    object=$(object_of "$hash")
    [ -f "$object" ] || refuse 3 "the store lacks $hash; nothing was touched"
    [ "$(sha256 "$object")" = "$hash" ] || refuse 3 "the store's $hash is damaged; nothing was touched"
  done
}

# assemble HASHES FILE: writes the bytes of a list of objects.
assemble() {
  : >"$2"
  [ "$1" != - ] || return 0
  for hash in $(printf '%s' "$1" | tr ',' ' '); do
    cat -- "$(object_of "$hash")" >>"$2" || return 1
  done
}

# each_unit FUNCTION: calls it for every line of the table, with the fields in variables.
each_unit() {
  while IFS=$tab read -r number role kind mode uid gid source further script asks asset root live; do
    decode "$source"
    source_text=$text
    decode "$asset"
    asset=$text
    decode "$root"
    root=$text
    decode "$live"
    live=$text
    staged="$root/staged/$number"
    displaced="$root/displaced/$number"
    "$1"
  done <"$kit/units.tsv"
}

# is_there PATH: anything, also a link that leads nowhere.
is_there() {
  [ -e "$1" ] || [ -L "$1" ]
}

check_unit() {
  case $kind in
    file) check_objects "$source" ;;
    database) check_objects "$source" && check_objects "$further" ;;
    copy) [ -f "$source_text" ] || refuse 3 "$source_text is missing; nothing was touched" ;;
    link)
      [ "$role" != release ] || [ "$(readlink "$live" || :)" = "$from" ] ||
        refuse 3 "$live does not lead to $from, from which this kit goes back: it is not the kit of what runs; nothing was touched"
      [ "$role" != release ] || [ -d "$(dirname -- "$live")/$source_text" ] ||
        refuse 3 "release $to is missing beside $live; nothing was touched"
      ;;
  esac
}

# check_current: the upgrade that this kit takes back is still the last one on record. After a rollback, or another upgrade,
# the state before it is not the one to go back to.
check_current() {
  book="$state/releases/book.json"
  if ! grep -qxF -e "    \"$pair\"" "$book" || ! grep -qxF "  \"release\": \"$from\"," "$book"; then
    refuse 3 "the kit is stale: by $book the upgrade from $to to $from is not the last one any more; nothing was touched"
  fi
}

# check_idle: Backstep itself is not at work, and left nothing half done.
check_idle() {
  newest=''
  for held in "$state"/store/lock/* "$state"/lock/*; do
    case ${held##*/} in *[!0-9]*) continue ;; esac
    newest=$held
    pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$newest")
    if [ -f "$newest" ] && [ ! -f "$newest.free" ] && [ -n "$pid" ] && is_backstep "$pid"; then
      refuse 3 "Backstep is at work (pid $pid): wait for it, or end it; nothing was touched"
    fi
  done
  for journal in "$state"/journal/*.jsonl; do
    [ -f "$journal" ] || continue
    if ! tail -n 1 "$journal" | grep -q '"event":"ended"'; then
      open=${journal##*/}
      [ "$despite_run" = yes ] || refuse 3 \
        "the run ${open%.jsonl} was interrupted, and only Backstep can finish it (backstep resume); --despite-run goes on, as the files lie now. Nothing was touched"
      say "the run ${open%.jsonl} was interrupted; going on as the files lie now"
    fi
  done
}

# is_backstep PID: it lives; where the system tells, it is a Node that runs Backstep.
is_backstep() {
  kill -0 "$1" 2>/dev/null || return 1
  [ -r "/proc/$1/cmdline" ] || return 0
  tr '\000' ' ' <"/proc/$1/cmdline" | grep -q backstep
}

# marked VARIABLE: pids of processes that were started with it.
marked() {
  if [ -d /proc/self ]; then
    for environment in /proc/[0-9]*/environ; do
      pid=${environment#/proc/}
      pid=${pid%/environ}
      if tr '\000' '\n' <"$environment" 2>/dev/null | grep -qxF -- "$1"; then printf '%s\n' "$pid"; fi
    done
  else
    # shellcheck disable=SC2009
    ps -A -E -o pid=,command= 2>/dev/null | grep -F -- "$1" | grep -v grep | sed 's/^ *\([0-9]*\).*/\1/'
  fi 2>/dev/null
}

is_marked() {
  [ -n "$(marked "$1")" ]
}

# end_marked VARIABLE SECONDS: asks them to end, then makes them.
end_marked() {
  waited=0
  signal=TERM
  while is_marked "$1"; do
    if [ "$waited" -ge "$2" ]; then signal=KILL; fi
    if [ "$waited" -ge "$(($2 + 10))" ]; then return 1; fi
    if [ "$waited" -eq 0 ] || [ "$signal" = KILL ]; then
      for pid in $(marked "$1"); do kill -s "$signal" "$pid" 2>/dev/null || :; done
    fi
    sleep 1
    waited=$((waited + 1))
  done
}

# detached PROGRAM...: goes on after this script has ended.
detached() {
  if command -v setsid >/dev/null 2>&1; then
    setsid "$@" >>"$work/service.log" 2>&1 </dev/null &
  else
    nohup "$@" >>"$work/service.log" 2>&1 </dev/null &
  fi
}

# is_new_enough VERSION: whether the sqlite3 here runs a script that asks for it.
is_new_enough() {
  command -v sqlite3 >/dev/null 2>&1 || return 1
  has=$(sqlite3 -version | sed 's/[^0-9.].*//')
  oldest=$(printf '%s\n%s\n' "$1" "$has" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)
  [ "$oldest" = "$1" ]
}

# give_attributes FILE: mode, and owner where this may be set.
give_attributes() {
  if [ "$(id -u)" = 0 ] && [ "$uid" != - ]; then chown -- "$uid:$gid" "$1"; fi
  if [ "$mode" != - ]; then chmod -- "$mode" "$1"; fi
}

# build_unit: what comes into the place of one live file, beside it.
build_unit() {
  mkdir -p -- "$root/staged" "$root/displaced" "$root/strays"
  case $kind in
    file) assemble "$source" "$staged" ;;
    copy) cp -- "$source_text" "$staged" ;;
    link) rm -f -- "$staged" && ln -s -- "$source_text" "$staged" ;;
    database) build_database ;;
    gone) return 0 ;;
  esac || return 1
  [ "$kind" = link ] || give_attributes "$staged"
}

# build_database: what the script makes of it; without one, or where it fails, the state before the upgrade.
build_database() {
  made="$root/made/$number"
  rm -rf -- "$made"
  mkdir -p -- "$made"
  assemble "$source" "$made/before.db" || return 1
  if [ "$script" = - ]; then
    say "$asset: no script can carry what was written since; it comes back as before the upgrade"
  elif ! is_there "$live"; then
    say "$asset: $live is not there; it comes back as before the upgrade"
  elif ! is_new_enough "$asks"; then
    say "$asset: sqlite3 $asks or newer is not here; it comes back as before the upgrade, and the rest is kept with the release that was left"
  elif carry_rows; then
    mv -- "$made/result.db" "$staged"
    return
  else
    say "$asset: the script failed: $(head -n 1 "$made/errors"); it comes back as before the upgrade, and the rest is kept with the release that was left"
  fi
  rm -f -- "$work/$asset.parked.db" "$work/$asset.placed.db" "$work/$asset.carried"
  mv -- "$made/before.db" "$staged"
}

carry_rows() {
  cp -- "$made/before.db" "$made/result.db" || return 1
  assemble "$further" "$made/after.db" || return 1
  cp -- "$live" "$made/now.db" || return 1
  for end in wal journal; do
    if [ -f "$live-$end" ]; then cp -- "$live-$end" "$made/now.db-$end" || return 1; fi
  done
  (cd "$made" && SQLITE_TMPDIR="$made" sqlite3 -batch -bail -init /dev/null result.db <"$kit/$script" >said 2>errors) || return 1
  while read -r line; do say "$asset: $line"; done <"$made/said"
  cp -- "$made/result.db" "$work/$asset.placed.db" || return 1
  : >"$work/$asset.carried"
  if [ -f "$made/parked.db" ]; then mv -- "$made/parked.db" "$work/$asset.parked.db"; fi
}

# displace_release, displace_state: what is live goes aside; what stands there already stays.
displace_release() {
  [ "$role" = release ] || return 0
  displace_unit
}

displace_state() {
  [ "$role" = state ] || return 0
  displace_unit
}

displace_unit() {
  if is_there "$displaced" || [ -f "$displaced.none" ]; then return 0; fi
  if ! is_there "$live"; then
    : >"$displaced.none"
    return
  fi
  if [ "$kind" = database ]; then
    for end in wal shm journal; do
      if [ -f "$live-$end" ]; then mv -- "$live-$end" "$displaced-$end"; fi
    done
  fi
  mv -- "$live" "$displaced"
}

place_state() {
  [ "$role" = state ] || return 0
  place_unit
}

place_release() {
  [ "$role" = release ] || return 0
  place_unit
}

# place_unit: an occupied name is moved aside, never overwritten.
place_unit() {
  is_there "$staged" || return 0
  if is_there "$live"; then
    stray="$root/strays/$number.$$"
    say "something appeared at $live meanwhile; it lies in $stray now"
    mv -- "$live" "$stray"
  fi
  mkdir -p -- "$(dirname -- "$live")"
  mv -- "$staged" "$live"
}

clear_made() {
  rm -rf -- "$root/made"
}

# is_ready: asked once; 2 where nothing here can ask.
is_ready() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsS -m 5 -o /dev/null -- "$ready_url" 2>/dev/null
  elif command -v wget >/dev/null 2>&1; then
    wget -q -T 5 -O /dev/null -- "$ready_url" 2>/dev/null
  else
    return 2
  fi
}

# await_ready: ends with 7 where the application does not answer in time.
await_ready() {
  if [ -z "$ready_url" ]; then
    say 'look at it yourself: the manifest does not say what answers when it is ready'
    return
  fi
  waited=0
  while :; do
    status=0
    is_ready || status=$?
    case $status in
      0)
        say "$ready_url answers"
        return
        ;;
      2)
        say "look at $ready_url yourself: neither curl nor wget is here"
        return
        ;;
    esac
    [ "$waited" -lt "$ready_seconds" ] || refuse 7 "$ready_url does not answer after $waited s; $work/service.log may say why"
    sleep 1
    waited=$((waited + 1))
  done
}

# take_turn: one script at a time; one that was killed leaves no bar.
take_turn() {
  mkdir -p -- "$work"
  if ! mkdir -- "$work/turn" 2>/dev/null; then
    other=$(cat -- "$work/turn/pid" 2>/dev/null || :)
    if [ -n "$other" ] && kill -0 "$other" 2>/dev/null; then
      refuse 3 "another one is at work (pid $other)"
    fi
    rm -rf -- "$work/turn"
    mkdir -- "$work/turn" || refuse 3 'another one is at work'
  fi
  printf '%s\n' "$$" >"$work/turn/pid"
  trap leave EXIT
}

# leave: an end that nobody announced is said, with what to do.
leave() {
  code=$?
  rm -rf -- "$work/turn"
  if [ "$code" = 1 ]; then
    say "it stopped before its end; $work/log says how far it came. Mend what is said above, and call this again"
    exit 5
  fi
}

# go_back: the whole way. May be called again at any time.
go_back() {
  require_sha256
  if [ ! -f "$work/built" ]; then
    check_kit
    check_current
    check_idle
    each_unit check_unit
  fi
  take_turn
  if [ -f "$work/done" ]; then
    say "$app is at $to already (see $work/log)"
    service_start || refuse 5 'the service could not be started'
    await_ready
    return
  fi
  say "$app goes back from $from to $to, by the state of $at, without Backstep"
  service_stop || refuse 5 'the service does not stop: end it by hand, then call this again'
  if [ ! -f "$work/built" ]; then
    each_unit build_unit
    sync
    : >"$work/built"
    sync
  fi
  each_unit displace_release
  each_unit displace_state
  each_unit place_state
  each_unit place_release
  each_unit clear_made
  sync
  cp -- "$kit/units.tsv" "$work/units.tsv"
  printf '%s\t%s\t%s\t%s\n' "$pair" "$from" "$to" "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" >"$work/done.new"
  mv -- "$work/done.new" "$work/done"
  sync
  service_start || refuse 5 'the service could not be started'
  await_ready
  while read -r line; do say "not carried: $line"; done <"$kit/notes.txt"
  say "done: $to is in its place. What was moved aside lies in hidden folders beside it and is not removed; \`backstep resume\` takes all this into its records"
}

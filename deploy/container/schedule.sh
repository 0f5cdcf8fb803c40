#!/bin/sh
# Run a command at a time of each day, or again and again, until the container is stopped:
#     schedule.sh daily 06:17 COMMAND…      (of the time zone TZ, UTC by default)
#     schedule.sh every 900 COMMAND…        (seconds between two runs)
# A run that fails is reported and repeated at its next time, as cron does.
set -u

fail() {
    echo "schedule.sh: $1; use daily HH:MM COMMAND… or every SECONDS COMMAND…" >&2
    exit 2
}

[ $# -ge 3 ] || fail "a schedule, its time and a command are needed"
schedule=$1 at=$2
shift 2
case $schedule in
daily) date -d "today $at" +%s >/dev/null 2>&1 || fail "$at is not a time of the day" ;;
every) [ "$at" -gt 0 ] 2>/dev/null || fail "$at is not a number of seconds" ;;
*) fail "$schedule is not a schedule" ;;
esac

# Signals reach the shell while it waits for a child, and are passed on.
child=
stop() {
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
    wait
    exit 0
}
trap stop TERM INT

pause() {
    [ "$schedule" = daily ] || { echo "$at"; return; }
    now=$(date +%s)
    next=$(date -d "today $at" +%s)
    [ "$next" -gt "$now" ] || next=$(date -d "tomorrow $at" +%s)
    echo $((next - now))
}

while :; do
    sleep "$(pause)" &
    child=$!
    wait "$child"
    "$@" &
    child=$!
    wait "$child"
    code=$?
    child=
    [ "$code" = 0 ] || echo "schedule.sh: exit code $code of: $*" >&2
done

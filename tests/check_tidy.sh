#!/bin/sh
# clang-tidy over production code, two at a time: check_tidy.sh SOURCE BUILD
cd "$1" || exit 1
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed"; exit 1; }
find libmeshproto radio meshd tools -name '*.c' | sort \
  | xargs -P "$(nproc)" -n 8 clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p "$2" 2>/dev/null >"$2/tidy.log"
status=$?
grep -E 'warning:|error:' "$2/tidy.log" | sort -u | head -n 60
exit $status

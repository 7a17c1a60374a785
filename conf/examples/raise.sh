#!/usr/bin/env bash
# Raise an alert at all sites: raise.sh KIND TEXT.  MESHD_RUN and MESHD_APPS as in meshd_client.py.
run=${MESHD_RUN:-/run/meshd} at=${MESHD_APPS:-127.0.0.1:4471}
exec 3<>"/dev/udp/${at%:*}/${at##*:}"
printf '{"op":"raise","token":"%s","kind":"%s","text":"%s"}' "$(<"$run/apps.token")" "$1" "$2" >&3
answer=$(timeout 15 dd bs=2048 count=1 2>/dev/null <&3)
case $answer in *'"op":"ok"'*) exit 0 ;; *) echo "$answer" >&2; exit 1 ;; esac

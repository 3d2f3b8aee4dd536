#!/bin/sh
# Nginx resolves the name in an `upstream` once, at its start, and does not start at all if one does not
# resolve. So the upstreams are written from the arms that are there now, and written again, with a
# reload, when one comes, goes or moves. While nothing changes, nothing is reloaded.
set -eu
# With those that a group of arms adds, as in ARMS_POOLER.
ARMS=$(env | sed -n 's/^ARMS[A-Z_0-9]*=//p')

arms_conf() {
  running=
  for arm in $ARMS; do
    address=$(getent ahostsv4 "$arm" | cut -d' ' -f1 | head -n 1) || true
    [ -n "$address" ] || continue
    # Idle connections kept to an arm, which closes them later than this (its keep-alive is 75 s).
    echo "upstream arm-$arm { server $address:8080 max_fails=0; keepalive 512; keepalive_requests 100000000; keepalive_timeout 60s; }"
    running="$running $arm"
  done
  echo 'map $arm $upstream_of_arm {'
  echo '  default "";'
  for arm in $running; do echo "  $arm arm-$arm;"; done
  echo '}'
}

arms_conf >/tmp/arms.conf
nginx -c /front-door/nginx.conf -g 'daemon off;' &
nginx=$!
trap 'kill -QUIT $nginx; wait $nginx; exit 0' TERM QUIT INT

while kill -0 $nginx 2>/dev/null; do
  # Seldom: each look costs a process for each name, in a container whose CPU is being measured.
  sleep 30 &
  wait $! || true
  arms_conf >/tmp/arms.next
  if ! cmp -s /tmp/arms.next /tmp/arms.conf; then
    mv /tmp/arms.next /tmp/arms.conf
    nginx -c /front-door/nginx.conf -s reload
  fi
done
wait $nginx

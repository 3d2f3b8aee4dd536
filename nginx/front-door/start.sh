#!/usr/bin/env bash
# Nginx resolves the name in an `upstream` once, at its start, and does not start at all if one does not
# resolve. So the upstreams are written from the addresses that the arms have now. Each second the arms are
# looked up again: the engine gives the address of an arm that stopped to the next container that starts.
# Nginx is reloaded only when an address changes, since a reload closes its connections.
set -u

# With those that a group of arms adds, as in ARMS_POOLER.
ARMS=$(env | sed -n 's/^ARMS[A-Z_0-9]*=//p')

# Every so many seconds, also the arms that were never there.
ALL_EVERY=5

declare -A address=() # of each arm that was ever there
declare -A present=()

look_up() { # NAME...
  local found ip kind name
  # One process for all names. It exits with 2 if one of them is not there: those are left out.
  found=$(getent ahostsv4 "$@")
  for name in "$@"; do unset "present[$name]"; done
  while read -r ip kind name; do
    [[ $kind == STREAM && -n $name ]] && present[$name]=$ip
  done <<<"$found"
}

take_over() {
  local arm other
  for arm in "${!present[@]}"; do address[$arm]=${present[$arm]}; done
  # An arm that is not there keeps its address: while it restarts nothing has to be reloaded. But never
  # one that another arm has by now.
  for arm in "${!address[@]}"; do
    [[ -n ${present[$arm]-} ]] && continue
    for other in "${present[@]}"; do
      if [[ $other == "${address[$arm]}" ]]; then unset "address[$arm]" && break; fi
    done
  done
}

arms_conf() {
  local arm
  for arm in $ARMS; do
    [[ -n ${address[$arm]-} ]] || continue
    # Idle connections kept to an arm, which closes them later than this (its keep-alive is 75 s).
    echo "upstream arm-$arm { server ${address[$arm]}:8080 max_fails=0; keepalive 512; keepalive_requests 100000000; keepalive_timeout 60s; }"
  done
  echo 'map $arm $upstream_of_arm {'
  echo '  default "";'
  for arm in $ARMS; do [[ -n ${address[$arm]-} ]] && echo "  $arm arm-$arm;"; done
  echo '}'
}

look_up $ARMS
take_over
conf=$(arms_conf)
echo "$conf" >/tmp/arms.conf
mkfifo /tmp/never
exec 3<>/tmp/never
nginx -c /front-door/nginx.conf -g 'daemon off;' 3>&- &
nginx=$!
trap 'kill -QUIT $nginx; wait $nginx; exit 0' TERM QUIT INT

second=0
while kill -0 $nginx 2>/dev/null; do
  # A second without a process for it: this is in a container whose CPU is measured.
  read -rt 1 -u 3
  ((second += 1))
  if ((second % ALL_EVERY == 0 || ${#present[@]} < ${#address[@]} || ${#address[@]} == 0)); then
    look_up $ARMS
  else
    look_up "${!address[@]}"
  fi
  # One that has gone may have left its address to an arm that was never there.
  ((${#present[@]} < ${#address[@]})) && look_up $ARMS
  take_over
  next=$(arms_conf)
  if [[ $next != "$conf" ]]; then
    conf=$next
    echo "$conf" >/tmp/arms.conf
    nginx -c /front-door/nginx.conf -s reload
  fi
done
wait $nginx

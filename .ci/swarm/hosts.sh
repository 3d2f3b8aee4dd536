# shellcheck shell=bash
# What up and down both need of the three hosts. Sourced, not run.

readonly hosts=(load app db)
readonly bridge=br-samehost subnet=10.99.0 comment=samehost-three-hosts
# Each host has its own /run, so that its socket is /run/docker.sock there, and its own data.
readonly state=/run/samehost-hosts data=/var/lib/samehost-hosts

say() { echo "swarm: $*"; }
fail() {
  echo "swarm: $*" >&2
  exit 1
}

address_of() { # HOST
  case $1 in
    load) echo "$subnet.1" ;;
    app) echo "$subnet.2" ;;
    db) echo "$subnet.3" ;;
  esac
}
namespace_of() { echo "samehost-$1"; }
socket_of() { echo "unix://$state/$1/run/docker.sock"; }
pid_file_of() { echo "$state/$1/run/docker.pid"; }
on() { # HOST COMMAND...: docker on that host
  DOCKER_HOST=$(socket_of "$1") timeout 120 docker "${@:2}"
}
# After a reboot the number may be another process: only a dockerd with this host's data is ours.
engine_pid() { # HOST
  local pid
  pid=$(cat "$(pid_file_of "$1")" 2>/dev/null) || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "^dockerd .*$data/$1 " && echo "$pid"
}
forward_rule() { # -C, -I or -D
  iptables -w 30 "$1" FORWARD -i $bridge -o $bridge -m comment --comment $comment -j ACCEPT
}

# shellcheck shell=bash
# What the programs of this folder have in common. Sourced, not run.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# Variables that no other project uses by another meaning.
export STACK=${STACK:-samehost}
readonly roles=(load app db)
# The database's password, and by what the tokens of users are signed.
readonly secrets=(password token)

say() { echo "three-hosts: $*" >&2; }
fail() {
  say "$@"
  exit 1
}

# Everything here is asked of the manager, which the load is on.
check_manager() {
  local state
  state=$(docker info --format '{{ .Swarm.LocalNodeState }} {{ .Swarm.ControlAvailable }}' 2>/dev/null) ||
    fail 'no Docker Engine answers here: start it (systemctl start docker), or set DOCKER_HOST'
  [[ $state == 'active true' ]] ||
    fail 'this engine manages no Swarm: `docker swarm init --advertise-addr ADDRESS` makes it a manager, and prints what the other hosts type to join'
}

nodes_of() { # ROLE: id, name and state of each node with its label
  docker node ls --filter "node.label=samehost.role=$1" --format '{{ .ID }} {{ .Hostname }} {{ .Status }}'
}

# One node of each role, ready, and the load on this one.
check_roles() {
  local role found id name state self
  self=$(docker info --format '{{ .Swarm.NodeID }}')
  for role in "${roles[@]}"; do
    mapfile -t found < <(nodes_of "$role")
    ((${#found[@]} > 0)) ||
      fail "no node has the role $role: docker node update --label-add samehost.role=$role NODE (\`docker node ls\` has the nodes)"
    ((${#found[@]} == 1)) ||
      fail "the role $role is on ${#found[@]} nodes ($(cut -d' ' -f2 <(printf '%s\n' "${found[@]}") | paste -sd' ')): docker node update --label-rm samehost.role ${found[1]%% *}"
    read -r id name state <<<"${found[0]}"
    [[ $state == Ready ]] ||
      fail "the node $name with the role $role is ${state,,}: start its engine (systemctl start docker on it); \`docker node ls\` shows when it is ready"
    [[ $role != load || $id == "$self" ]] ||
      fail "the role load is on the node $name, and this is another: run this there"
  done
}

# Why a task does not run, with the remedy where it is known; nothing where all is well.
trouble_of() { # SERVICE
  local node error
  docker service ps "${STACK}_$1" --no-trunc --format '{{ .Node }}|{{ .Error }}' 2>/dev/null |
    while IFS='|' read -r node error; do
      case $error in
        '') ;;
        *'No such image'*)
          error=${error##*image: }
          echo "the node $node lacks the image of $1 (${error%\"}): scripts/three-hosts/images ROLE=HOST loads it there"
          ;;
        *) echo "$1 on the node ${node:-(none)}: $error" ;;
      esac
    done | head -n 1
}

services() { docker stack services "$STACK" --format '{{ .Name }}' 2>/dev/null | sed "s/^${STACK}_//"; }

# Services with the wanted number of tasks at work, within a bound.
await_services() { # SERVICE...
  local service second replicas trouble
  for service in "$@"; do
    for ((second = 0; ; second++)); do
      replicas=$(docker service ls --filter "name=${STACK}_$service" --format '{{ .Name }} {{ .Replicas }}' |
        awk -v name="${STACK}_$service" '$1 == name { print $2 }')
      [[ -n $replicas && ${replicas%/*} == "${replicas#*/}" ]] && break
      trouble=$(trouble_of "$service")
      [[ -z $trouble ]] || fail "$trouble"
      ((second < 120)) || fail "waited $second s for $service ($replicas tasks run): docker service ps --no-trunc ${STACK}_$service"
      sleep 1
    done
  done
}

# Every arm that ARMS names: by its own name or by that of a group.
arms_asked() {
  local name groups word found=() unknown=() known=()
  while IFS='|' read -r name groups; do
    [[ -n $groups ]] || continue
    known+=("$name")
    for word in ${ARMS//,/ }; do
      [[ " $groups " == *" $word "* ]] && found+=("$name") && break
    done
  done < <(docker service inspect $(docker stack services -q "$STACK") \
    --format "{{ .Spec.Name }}|{{ index .Spec.Labels \"samehost.arm\" }}" | sed "s/^${STACK}_//")
  for word in ${ARMS//,/ }; do
    docker service inspect $(docker stack services -q "$STACK") --format '{{ index .Spec.Labels "samehost.arm" }}' |
      tr ' ' '\n' | grep -qx -- "$word" || unknown+=("$word")
  done
  ((${#unknown[@]} == 0)) || fail "ARMS: there is no ${unknown[*]} in the stack; there is ${known[*]}"
  printf '%s\n' "${found[@]}"
}

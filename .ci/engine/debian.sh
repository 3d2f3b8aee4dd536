# shellcheck shell=bash
# What up and images both need of a Debian machine. Sourced, not run.

say() { echo "engine: $*"; }
fail() {
  echo "engine: $*" >&2
  exit 1
}

quietly() { # what a step prints matters only when it fails
  local out
  out=$(mktemp)
  if ! "$@" >"$out" 2>&1; then
    tail -n 40 "$out" >&2
    rm -f "$out"
    fail "failed, with the output above: $*"
  fi
  rm -f "$out"
}

apt() { # configuration files stay as they are; another apt at work is waited for
  quietly env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=2 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

debian_mirror() { # whichever this machine's own apt sources name; apt tells only of those it has lists of
  apt update
  apt-get indextargets --format "\$(RELEASE) \$(COMPONENT) \$(REPO_URI)" 'Created-By: Packages' |
    awk '!mirror && ($1 == "bookworm" || $1 == "trixie" || $1 == "stable") && $2 == "main" { mirror = $3 }
      END { if (!mirror) exit 1; print mirror }' ||
    fail "no Debian 12 or 13 main among this machine's apt sources to read the mirror from"
}

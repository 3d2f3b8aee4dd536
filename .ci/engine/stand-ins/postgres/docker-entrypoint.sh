#!/usr/bin/env bash
# The official image's start: as its user, a database made from POSTGRES_*, its scripts run once.
set -eo pipefail # without -u, which would reach into the scripts that are sourced

readonly sockets=/var/run/postgresql

fail() {
  echo "error: $*" >&2
  exit 1
}

from_file() { # NAME DEFAULT: NAME itself, or the content of the file that NAME_FILE names
  local file=${1}_FILE
  [[ -z ${!1:-} || -z ${!file:-} ]] || fail "both $1 and $file are set"
  [[ -z ${!file:-} ]] || printf -v "$1" %s "$(<"${!file}")"
  export "$1=${!1:-$2}"
  unset "$file"
}

as_postgres() {
  mkdir -p "$PGDATA" "$sockets"
  chmod 700 "$PGDATA"
  find "$PGDATA" "$sockets" \! -user postgres -exec chown postgres '{}' +
  exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql "${BASH_SOURCE[0]}" "$@"
}

create_cluster() {
  local arguments=()
  [[ -n $POSTGRES_PASSWORD || $POSTGRES_HOST_AUTH_METHOD == trust ]] ||
    fail 'the superuser has no password: set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust'
  [[ -z ${POSTGRES_INITDB_WALDIR:-} ]] || arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
  # The arguments are split on spaces and quotes, as in the official image.
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") \"\${arguments[@]}\" ${POSTGRES_INITDB_ARGS:-}"
  printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
}

sql() { PGHOST=$sockets psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$POSTGRES_USER" "$@"; }

run_script() { # FILE
  echo "$0: running $1"
  # shellcheck disable=SC1090 # whatever was mounted
  case $1 in
    *.sh) if [[ -x $1 ]]; then "$1"; else . "$1"; fi ;;
    *.sql) sql -d "$POSTGRES_DB" -f "$1" ;;
    *.sql.gz) gunzip -c "$1" | sql -d "$POSTGRES_DB" ;;
    *) echo "$0: ignoring $1" ;;
  esac
}

# The server that runs the scripts listens on its socket alone: over TCP nobody meets a half-made database.
prepare_database() { # ARGUMENTS of postgres
  local script
  pg_ctl -D "$PGDATA" -w start -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")"
  [[ $POSTGRES_DB == postgres ]] ||
    sql -d postgres -v db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  for script in /docker-entrypoint-initdb.d/*; do
    [[ ! -f $script ]] || run_script "$script"
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
}

[[ ${1:-} != -* ]] || set -- postgres "$@"
if [[ ${1:-} == postgres && " $* " != *\ --version\ * && " $* " != *\ --help\ * ]]; then
  [[ $(id -u) != 0 ]] || as_postgres "$@"
  if [[ ! -s $PGDATA/PG_VERSION ]]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" || true # a mount of someone else's: initdb says what is wrong
    from_file POSTGRES_PASSWORD ''
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS ''
    from_file POSTGRES_HOST_AUTH_METHOD md5
    create_cluster
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    prepare_database "${@:2}"
    unset PGPASSWORD
    echo 'PostgreSQL init process complete; ready for start up.'
  fi
fi
exec "$@"

#!/bin/sh
# PgBouncer's settings, with the password that Compose made for this project.
set -eu
umask 077
password=$(cat /run/samehost/password)
printf '"commerce" "%s"\n' "$password" >/tmp/users.txt
cat >/tmp/pgbouncer.ini <<EOF
[databases]
; The bounds that the service asks for at its start, which PgBouncer does not pass on.
commerce = host=$UPSTREAM_HOST port=5432 connect_query='SET statement_timeout = 5000; SET idle_in_transaction_session_timeout = 5000'
[pgbouncer]
listen_addr = *
listen_port = 5432
unix_socket_dir =
auth_type = md5
auth_file = /tmp/users.txt
stats_users = commerce
pool_mode = $POOL_MODE
default_pool_size = $POOL_SIZE
max_client_conn = 1000
; In session mode a connection is cleaned before the next client has it; in transaction mode statements
; that a client prepared are prepared again wherever its transaction goes.
max_prepared_statements = 200
ignore_startup_parameters = extra_float_digits, options, statement_timeout, idle_in_transaction_session_timeout
; The database is dropped and created before each trial: that it was away for a moment is soon forgotten.
server_login_retry = 1
; Connections are kept, as a pool keeps them.
server_idle_timeout = 0
server_lifetime = 86400
log_connections = 0
log_disconnections = 0
log_stats = 0
EOF
exec pgbouncer /tmp/pgbouncer.ini

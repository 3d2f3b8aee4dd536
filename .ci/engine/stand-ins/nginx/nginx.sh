#!/bin/sh
# Debian builds the stream module apart; stand-in.conf loads it before any nginx.conf that is put in place.
exec /usr/sbin/nginx -c /etc/nginx/stand-in.conf "$@"

#!/bin/sh
# Becomes the owner of the results folder, so that what is written there is theirs and not root's.
set -eu
owner=$(stat -c %u results)
group=$(stat -c %g results)
if [ "$(id -u)" != 0 ] || [ "$owner" = 0 ]; then exec node runner/main.ts "$@"; fi
exec setpriv --reuid="$owner" --regid="$group" --clear-groups node runner/main.ts "$@"

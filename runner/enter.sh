#!/bin/sh
# Becomes the owner of the results folder, so that what is written there is theirs and not root's.
set -eu
# A small young generation: the load makes little garbage that lives, and 2,000 users fit in 200 MB.
owner=$(stat -c %u results)
group=$(stat -c %g results)
if [ "$(id -u)" != 0 ] || [ "$owner" = 0 ]; then exec node --max-semi-space-size=4 runner/main.ts "$@"; fi
exec setpriv --reuid="$owner" --regid="$group" --clear-groups node --max-semi-space-size=4 runner/main.ts "$@"

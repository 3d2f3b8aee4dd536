#!/bin/sh
# What the official image does before Nginx starts: templates through envsubst, then /docker-entrypoint.d.
set -eu

say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }

substitute_templates() {
  templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
  suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
  output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
  [ -d "$templates" ] || return 0
  # Only what the environment defines, so that Nginx's own $variables stay.
  defined=$(env | cut -d= -f1 | grep -E "${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/${&}/')
  find -L "$templates" -type f -name "*$suffix" | while read -r template; do
    to=$output/${template#"$templates/"}
    to=${to%"$suffix"}
    mkdir -p "$(dirname "$to")"
    say "envsubst on $template to $to"
    envsubst "$defined" <"$template" >"$to"
  done
}

if [ "${1:-}" = nginx ]; then
  substitute_templates
  for script in /docker-entrypoint.d/*.sh; do
    [ -x "$script" ] || continue
    say "running $script"
    "$script"
  done
fi
exec "$@"

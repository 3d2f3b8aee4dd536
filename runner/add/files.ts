/** The files of a new arm's folder, by name, each to be filled in. */
export const armFiles = (name: string): Readonly<Record<string, string>> => ({
  Dockerfile: dockerfile(name),
  'README.md': readme(name),
})

const dockerfile = (name: string): string => `\
# Context: the root of the kit, so that paths begin with services/${name}/.
# Fill in: a base image of a pinned version, and how the service is built.
FROM debian:trixie-slim
WORKDIR /kit/services/${name}
COPY services/${name}/ ./
# Not root; nothing can be written but /tmp.
USER 1000:1000
EXPOSE 8080
# Fill in: what serves. In this form, without a shell, SIGTERM reaches it.
CMD ["sh", "-c", "echo 'Fill in CMD in services/${name}/Dockerfile.' >&2; exit 1"]
`

const readme = (name: string): string => `\
# ${name}

Fill in: what it is made of, and which of its settings decide what is measured.

## What it must do

- Speak [the contract](../contract.yaml). The suite says what is missing, and how to mend it:
  \`ARMS=${name} docker compose run --rm bench verify ${name}\`
- Keep to the tables of [the schema](../../sql/schema.sql). They are dropped and made anew before every
  trial, and connections to them closed: an idle one that has died must not fail a request.
- Do what its mode says, the label \`org.samehost.mode\` in compose.yaml: \`pooled\` and \`persistent\` keep
  connections, \`per-request\` opens one for each request. The database counts them.
- Let no more than ten requests use the database at once, as the other arms do.
- Bound every wait: for a connection (then 503), for a statement (then 504).
- Keep an idle HTTP connection for longer than 60 s: the front door, which reuses them, closes them then.
- On SIGTERM, answer what is in flight, then end, within 10 s.

It runs with 1 CPU and 512 MB, as a user that is not root, on a root file system that is read-only but for
\`/tmp\`. One process, or one thread, is enough for one CPU.

## What it is given

| variable             | value                                             |
| -------------------- | ------------------------------------------------- |
| \`HOST\`, \`PORT\`       | where to listen: \`0.0.0.0\`, \`8080\`                |
| \`DB_HOST\`            | \`db\`, at PostgreSQL's own port, 5432, without TLS |
| \`DB_USER\`, \`DB_NAME\` | \`commerce\`, \`commerce\`                            |
| \`DB_PASSWORD_FILE\`   | a file that holds the password, and nothing else  |
| \`DB_MODE\`            | the mode, for a service that has more than one    |

Others are yours to add, in compose.yaml. [services/go](../go/README.md) is a service that was filled in.
`

/** The address that was given, or why it cannot be used, with the remedy. */
export type Parsed = Readonly<{ url: string }> | Readonly<{ fault: string }>

/**
 * A service's base address, as `--target NAME=` and `verify` take it.
 *
 * @returns the URL without a slash at its end; a user and a password stay in it, to be sent as a header
 */
export function parseTarget(text: string): Parsed {
  const shown = shownAddress(text)
  if (!URL.canParse(text)) return { fault: `${shown} is no URL: write http://HOST:PORT` }
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { fault: `${shown} is not of http or https: write http://HOST:PORT` }
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    const part = url.hash === '' ? 'a query (?)' : 'a fragment (#)'
    const base = `${url.origin}${url.pathname}`
    return { fault: `${shown} has ${part}, and paths are put after it: write ${base}` }
  }
  if (url.pathname.includes('@')) {
    return { fault: `${shown}: in a password / is written %2F, and @ %40` }
  }
  if (!decodes(url.username) || !decodes(url.password)) {
    return { fault: `${shown}: the user or the password has a % that must be written %25` }
  }
  return { url: url.href.replace(/\/+$/, '') }
}

/** The address of the database of the services, as `--database-url` takes it. */
export function parseDatabaseUrl(text: string): Parsed {
  const remedy = 'write postgres://USER:PASSWORD@HOST:PORT/DATABASE'
  const shown = shownAddress(text)
  if (!/^postgres(ql)?:\/\//.test(text)) {
    return { fault: `${shown} does not begin with postgres://: ${remedy}` }
  }
  if (!URL.canParse(text)) return { fault: `${shown} is no URL: ${remedy}` }
  const url = new URL(text)
  if (url.hostname === '') return { fault: `${shown} names no host: ${remedy}` }
  if (!decodes(url.username) || !decodes(url.password) || !decodes(url.pathname)) {
    return { fault: `${shown}: a % that stands for itself must be written %25` }
  }
  if (/^\/?$/.test(url.pathname)) {
    return {
      fault:
        `${shown} names no database: name that of the services, as postgres://…/commerce. With --target and ` +
        'the contract it is DROPPED before each trial',
    }
  }
  return { url: text }
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/**
 * An address as it was written, good or broken, without anything that may be a user or a password. A query
 * may hold either, and in a broken address it cannot be told from them.
 */
export function shownAddress(text: string): string {
  if (/[?#].*@/s.test(text))
    return `${/^(?:[\w-]+=)?[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ''}…`
  return text
    .replace(/\/\/.*@/s, '//')
    .replace(/[^=]+:.*@/s, '')
    .replace(/[?#].*/s, '')
}

/** Is what has this name (a variable, a parameter of a query) a secret? Not the name of a file that holds one. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !/(?:file|path|encryption)$/i.test(name)
}

const SECRET_NAME =
  /passw(?:or)?d|passphrase|secret|token|credential|(?:api|access|private|signing)[_.-]?key|(?:^|[_.-])(?:pass|pwd)(?:$|[_.-])/i

/**
 * A URL as it may be kept: without its password and the secrets of its query; of http and https without the
 * user too, who may be a token. The user of a database stays.
 */
export function withoutSecrets(address: string): string {
  const url = new URL(address)
  url.password = ''
  if (url.protocol.startsWith('http')) url.username = ''
  for (const name of new Set(url.searchParams.keys())) {
    if (isSecretName(name)) url.searchParams.delete(name)
  }
  return url.href.replace(/\/$/, '')
}

/**
 * Any text without its secrets: those of the addresses in it, tokens, what stands after a name of a secret and `=`,
 * and what is sent as an authorization. Of http and https the user goes too, who may be a token.
 */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/(https?:\/\/)[^\s/?#'"]*@/gi, '$1')
    .replaceAll(/(:\/\/[^\s/?#'":]*):[^\s/?#'"]*@/g, '$1@')
    .replaceAll(TOKEN, '***')
    .replaceAll(/(authorization\W{1,6}(?:Basic|Bearer) )[\w+/=.~-]+/gi, '$1***')
    .replaceAll(/([\w.-]+)=(?:\\.|[^\s"&#<>`\\])+/g, (all, name: string) =>
      isSecretName(name) ? `${name}=***` : all,
    )
}

/** A JSON Web Token (RFC 7519), signed or not: its head begins with `{"` in base64url. */
const TOKEN = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/** What a service answered without the password that was sent to it, in whatever form it came back. */
export function withoutSecretsOf(address: string, text: string): string {
  const { username, password } = new URL(address)
  if (password === '') return text
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)]
  const sent = Buffer.from(`${user}:${secret}`).toString('base64')
  return [sent, password, secret].reduce((clean, word) => clean.replaceAll(word, '***'), text)
}

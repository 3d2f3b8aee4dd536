/** One JSON line on standard error. Nothing is logged for a request that went as the contract says. */
export function log(
  level: 'info' | 'error',
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  const line = JSON.stringify({ time: new Date().toISOString(), level, message, ...details })
  process.stderr.write(`${line}\n`)
}

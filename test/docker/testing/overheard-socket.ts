import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type OverheardSocket = Readonly<{
  path: string
  /** All that was sent to the socket so far. */
  heard(): string
  close(): Promise<void>
}>

/**
 * A socket before another that hands everything through and remembers what the client said.
 *
 * @param rewrite what becomes of each piece of an answer
 */
export async function overhearSocket(
  behind: string,
  rewrite: (answer: string) => string = (answer) => answer,
): Promise<OverheardSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'overheard-'))
  const path = join(folder, 'engine.sock')
  let said = ''
  const server = createServer((client) => {
    const real = connect(behind)
    client.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
    client.pipe(real)
    real.on('data', (chunk: Buffer) =>
      client.write(Buffer.from(rewrite(chunk.toString('latin1')), 'latin1')),
    )
    real.on('end', () => client.end())
    for (const [one, other] of [
      [client, real],
      [real, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  server.listen(path)
  await once(server, 'listening')
  // The window has no capability to pass over a file's mode.
  await chmod(folder, 0o755)
  await chmod(path, 0o666)
  return {
    path,
    heard: () => said,
    close: async () => {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import type { Part } from '../../measurement/stage.ts'
import { hostWindow, type Watched } from '../../telemetry/host-window.ts'
import type { WatchedPart } from '../watched.ts'

/** Parts that are no target. */
const OTHERS = new Set(['db', 'nginx'])

export type WatchedOn = Watched & Readonly<{ host: string }>

/** A part, by the address of its figures. @param url as in `http://10.0.0.2:9323/my-app` */
export function watchedAt(url: string): WatchedOn {
  const { origin, pathname, hostname } = new URL(url)
  return { window: hostWindow(origin), container: pathname.slice(1), host: hostname }
}

export const partAt = (part: Part, watched: Watched | undefined): Partial<Record<Part, Watched>> =>
  watched === undefined ? {} : { [part]: watched }

/** What the windows show of a run of these arms. */
export function partsUnderLoad(
  watched: ReadonlyMap<string, WatchedOn>,
  armNames: readonly string[],
): (WatchedOn & WatchedPart)[] {
  const own = [...watched].filter(([name]) => OTHERS.has(name) || armNames.includes(name))
  return own.map(([name, part]) => ({
    ...part,
    part: OTHERS.has(name) ? name : 'app',
    version: null,
  }))
}

/** @throws naming the part whose window does not answer, or does not show it */
export async function checkWatched(name: string, { window, container }: Watched): Promise<void> {
  const start = `CONTAINERS=${container} docker compose -f window.yaml up -d --build`
  let names: string[]
  try {
    names = (await window.containers()).map((each) => each.name)
  } catch (cause) {
    throw new Error(
      `--stats ${name}: the window at ${window.url} does not answer. On that host: \`${start}\`; ` +
        'its port must be open to this one.',
      { cause },
    )
  }
  if (names.includes(container)) return
  throw new Error(
    `--stats ${name}: the window at ${window.url} shows no container ${container}` +
      `${names.length === 0 ? '' : ` (but ${names.join(', ')})`}. On that host: \`${start}\`.`,
  )
}

/** Is there a process of this id on this machine, whoever owns it? */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

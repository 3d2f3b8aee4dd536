import { glob, readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'

export type Service = Readonly<{
  profiles?: readonly string[]
  cpus?: number
  cpu_quota?: number | string
  cpu_period?: number | string
  mem_limit?: string
}>

/** The services of compose.yaml and of the files that it includes, by name, and the text of them all. */
export async function readCompose(
  root: string,
): Promise<Readonly<{ services: Readonly<Record<string, Service>>; text: string }>> {
  const included = await Array.fromAsync(glob('compose/*.yaml', { cwd: root }))
  const files = ['compose.yaml', ...included.toSorted()]
  const texts = await Promise.all(files.map((file) => readFile(`${root}${file}`, 'utf8')))
  const services = texts
    .flatMap((text) => [...parseAllDocuments(text, { merge: true })])
    .map((document) => document.toJS() as { services?: Record<string, Service> } | null)
    // A group adds to the front door: the first is the whole one.
    .reduce((all, file) => ({ ...file?.services, ...all }), {} as Record<string, Service>)
  return { services, text: texts.join('\n') }
}

/** Arms by the group that starts them, in their order. An arm is a service that is started by its own name. */
export function armsByGroup(services: Readonly<Record<string, Service>>): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const [name, { profiles = [] }] of Object.entries(services)) {
    if (!profiles.includes(name)) continue
    for (const group of profiles) {
      if (group in services) continue
      groups.set(group, [...(groups.get(group) ?? []), name])
    }
  }
  return groups
}

/** A value with each `${NAME:-DEFAULT}` at its default. */
const atDefault = (value: number | string): string =>
  String(value).replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1')

/** CPU cores that a service may use, unless a variable says otherwise; null without a limit. */
export function limitCores({ cpus, cpu_quota: quota, cpu_period: period }: Service): number | null {
  if (cpus !== undefined) return cpus
  if (quota === undefined || period === undefined) return null
  return Number(atDefault(quota)) / Number(atDefault(period))
}

import { skipWithoutEngine } from './engine.ts'
import { docker } from './kit.ts'

type Service = Readonly<{ image?: string; build?: unknown }>

/**
 * Before the first test file of `npm test`: builds each image of the kit once, for all suites of the run. A file
 * that is run by itself builds what it needs.
 */
export async function globalSetup(): Promise<void> {
  if (await skipWithoutEngine()) return
  const all = ['compose', '--profile', '*']
  const config = await docker([...all, 'config', '--format', 'json'])
  if (config.code !== 0) return
  const { services } = JSON.parse(config.stdout) as { services: Record<string, Service> }
  const built = Object.entries(services).filter(([, { build }]) => build !== undefined)
  // One service for each image: the arms of a service share it.
  const one = new Map(built.map(([name, { image = name }]) => [image, name]))
  const { code } = await docker([...all, 'build', '--quiet', ...one.values()])
  // Where one cannot be built, the suite that needs it says so.
  if (code === 0) process.env['SAMEHOST_IMAGES_BUILT'] = '1'
}

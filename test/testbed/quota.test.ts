import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { readRun } from '../../runner/results/run-folder.ts'
import { limitsHad, ownQuota, usablePlaces } from '../../runner/testbed/embedded/cgroup.ts'
import { cpuGroup, openHostGroups, removeGroup } from '../../runner/testbed/embedded/limits.ts'
import { follow, MAIN } from './runs.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quota-'))
  // Started by root, the server runs as another user, who must be let in.
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

const SMALL = ['--profile', 'smoke', '--users', '5', '--arms', 'pooled']

/** A group of a group of the outermost one, each with these files. */
async function nested(t: TestContext, ...files: Record<string, string>[]): Promise<string[]> {
  let at = await mkdtemp(join(tmpdir(), 'nested-'))
  t.after(() => rm(folders[0] ?? at, { recursive: true }))
  const folders: string[] = []
  for (const [depth, content] of files.entries()) {
    if (depth > 0) await mkdir((at = join(at, `group-${depth}`)))
    folders.push(at)
    for (const [name, text] of Object.entries(content)) await writeFile(join(at, name), text)
  }
  return folders
}

test('cgroup v2: what is had is the least of all groups around, whatever is written into the own', async (t) => {
  const max = (text: string) => ({ 'cpu.max': `${text}\n` })
  // A machine, a container of half a core, a job in it without a limit of its own.
  const folders = await nested(t, {}, max('50000 100000'), max('max 100000'))
  const [top = '', container = '', job = ''] = folders
  const places = [job, container, top].map((at) => ({ version: 2 as const, folder: at, top }))
  assert.equal(await ownQuota(places), 0.5)
  const group = cpuGroup({ version: 2, folder: job, top })
  await group.setLimits({ cores: 0.2, periodUs: 100_000 })
  await assert.rejects(
    group.setLimits({ cores: 0.7, periodUs: 100_000 }),
    /was given 0\.7 cores by 100000 us and has 0\.5 cores by 100000 us\..*Give another --hosts/,
  )
  assert.equal(await readFile(join(job, 'cpu.max'), 'utf8'), '70000 100000', 'it was accepted')
  await writeFile(join(container, 'cpu.max'), 'max 100000\n')
  assert.deepEqual(await limitsHad({ version: 2, folder: job, top }), {
    cores: 0.7,
    periodUs: 100_000,
  })
  await writeFile(join(job, 'cpu.max'), 'max 100000\n')
  assert.equal(await ownQuota(places), null)
})

test('cgroup v1: the quota of a container is read in its own group and in those around', async (t) => {
  const files = (quota: string) => ({
    'cpu.cfs_quota_us': `${quota}\n`,
    'cpu.cfs_period_us': '100000\n',
  })
  const [top = '', job = ''] = await nested(t, files('150000'), files('-1'))
  assert.equal(await ownQuota([{ version: 1, folder: job, top }]), 1.5)
  assert.equal(await ownQuota([]), null)
})

test('in a job with a quota of 0.8 cores a run shares those, and refuses hosts that need more', async (t) => {
  const [place] = await usablePlaces()
  const groups = await openHostGroups(() => {})
  await groups?.remove()
  if (groups === null || place?.version !== 1) {
    t.skip('root and the CPU controller of cgroup v1 are needed')
    return
  }
  const job = join(place.folder, `job-${process.pid}`)
  await mkdir(job)
  t.after(() => removeGroup(job))
  await cpuGroup({ ...place, folder: job }).setLimits({ cores: 0.8, periodUs: 100_000 })
  const inJob = (out: string, ...options: string[]) => {
    const script = `echo $$ > ${job}/cgroup.procs; exec ${process.execPath} ${MAIN} "$@"`
    const args = [...SMALL, '--hold', '1s', '--out', join(folder, out), ...options]
    return follow(
      spawn('sh', ['-c', script, 'sh', ...args], {
        env: { ...process.env, TMPDIR: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  }
  const run = inJob('job')
  assert.equal(await run.ended(), 0, run.said())
  const { environment, configuration } = await readRun(join(folder, 'job'))
  assert.match(
    environment.label,
    /^embedded: CPU limits by cgroup within a quota of 0\.8 cores, no/,
  )
  const { appCores = NaN, dbCores = NaN } = configuration.hosts ?? {}
  // Half of them, in thirds: the other half is the runner's.
  assert.ok(appCores + dbCores <= 0.4 && appCores >= 0.1, `${appCores} and ${dbCores}`)

  const tooFast = inJob('too-fast', '--hosts', '0.7')
  assert.equal(await tooFast.ended(), 2, tooFast.said())
  assert.match(tooFast.said(), /the database would have 1\.4 cores, .* a speed of 0\.4 at most/)
})

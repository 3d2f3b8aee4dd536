import { cpuLimits } from '../../telemetry/containers.ts'
import type { EngineWindow } from '../../telemetry/engine-window.ts'
import type { HostControl, HostLimits } from '../testbed.ts'
import { findContainers } from './containers.ts'

/** What the runner may change of the hosts, through the window. */
export function hostControl(engine: EngineWindow): HostControl {
  const find = async (service: string): Promise<string> => {
    const id = (await findContainers(engine)).idOf(service)
    if (id !== undefined) return id
    throw new Error(`${service} does not run: \`docker compose up -d ${service}\` starts it.`)
  }
  const limitsOf = async (service: string): Promise<HostLimits | null> =>
    cpuLimits((await engine.inspect(await find(service))).HostConfig)
  return {
    restartArm: async (name) => {
      const id = await find(name)
      await engine.restart(id)
      return (await engine.inspect(id)).State.StartedAt
    },
    limitsOf,
    otherLimitsOf: async (service) => {
      const { Memory, PidsLimit } = (await engine.inspect(await find(service))).HostConfig
      return {
        ...(Memory > 0 ? { memoryBytes: Memory } : {}),
        ...((PidsLimit ?? 0) > 0 ? { pids: PidsLimit ?? 0 } : {}),
      }
    },
    setLimits: async (name, { cores, periodUs }) => {
      const quotaUs = Math.round(cores * periodUs)
      await engine.setCpuLimit(await find(name), { periodUs, quotaUs })
      const now = await limitsOf(name)
      if (now?.periodUs === periodUs && Math.round(now.cores * periodUs) === quotaUs) return
      const found = now === null ? 'no limit' : `${now.cores} cores by ${now.periodUs} us`
      throw new Error(`${name} was given ${cores} cores by ${periodUs} us and has ${found}.`)
    },
  }
}

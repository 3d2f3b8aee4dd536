import { existsSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import metadata from '../package.json' with { type: 'json' }
import type { Environment } from './measurement/environment.ts'

/** The root of the kit, where compose.yaml stands. */
export const KIT = fileURLToPath(new URL('../', import.meta.url))

/** Of the kit, as package.json has it. */
export const VERSION: string = metadata.version

/** Text of a file of the kit, by its path from the root. */
export const readKit = (path: string): string => readFileSync(`${KIT}${path}`, 'utf8')

/** The scenario of a run that names no other; the server of the calibration answers to it. */
export const SHOP = `${KIT}scenarios/shop/scenario.yaml`

/** The machine that the run stands on, as far as it can be read from where the runner is. */
export function hostEnvironment(): Environment['host'] {
  return {
    cpuModel: cpus()[0]?.model.trim() ?? null,
    cores: CORES,
    memoryMb: Math.round(totalmem() / 1e6),
    platform: `${process.platform}-${process.arch}`,
    kernel: release(),
    cgroupVersion: cgroupVersion(),
    virtualMachine: virtualMachine(),
    cpuGovernor: text('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
  }
}

/**
 * Logical CPUs for the parts under test. Outside Compose they inherit what this process may use as it
 * starts (taskset, a cpuset), which is read once: later the kit holds the runner itself to fewer. In
 * Compose they are containers of their own, and have the whole machine: null, as off Linux.
 */
export const ALLOWED_CORES: readonly number[] | null =
  process.env['SAMEHOST_TESTBED'] === 'compose' ? null : allowedCores()
const CORES = ALLOWED_CORES?.length ?? cpus().length

/** By number. proc_pid_status(5), Cpus_allowed: a mask in hexadecimal. null off Linux. */
function allowedCores(): number[] | null {
  const mask = /^Cpus_allowed:\s*([\da-f,]+)$/m.exec(text('/proc/self/status') ?? '')?.[1] ?? ''
  const digits = mask.match(/[\da-f]/g) ?? []
  const bits = digits
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('')
  const cores = bits
    .split('')
    .toReversed()
    .flatMap((bit, core) => (bit === '1' ? [core] : []))
  return cores.length === 0 ? null : cores
}

/** 2 where the one hierarchy of cgroup v2 is mounted, else 1; null off Linux. */
function cgroupVersion(): 1 | 2 | null {
  if (process.platform !== 'linux') return null
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1
}

/** The hypervisor by the firmware's name; `yes` where only the CPU flag tells (x86: CPUID 1, ECX bit 31). */
function virtualMachine(): string | null {
  const info = text('/proc/cpuinfo')
  if (info === null) return null
  if (!/^flags\s*:.*\bhypervisor\b/m.test(info)) return 'none seen'
  return text('/sys/class/dmi/id/product_name') ?? 'yes'
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch {
    return null
  }
}

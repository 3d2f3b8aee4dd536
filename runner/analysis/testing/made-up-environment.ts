import type { Environment, PartEnvironment } from '../../measurement/environment.ts'

function part(
  name: string,
  version: string,
  cores: number | null,
  mb: number | null,
): PartEnvironment {
  return {
    part: name,
    name: `samehost-${name}-1`,
    version,
    image: `${name}:${version}`,
    imageId: null,
    digest: null,
    standIn: false,
    cpuLimitCores: cores,
    memoryLimitMb: mb,
  }
}

/** MADE UP: a compose testbed whose limits add up to more cores than its host has. */
export const MADE_UP_ENVIRONMENT: Environment = {
  testbed: 'compose',
  label: 'compose: limits as on the article’s hosts, Nginx in front',
  host: {
    cpuModel: 'Made-up CPU',
    cores: 2,
    memoryMb: 8192,
    platform: 'linux x64',
    kernel: '6.1.0',
    cgroupVersion: 2,
    virtualMachine: 'kvm',
    cpuGovernor: null,
  },
  engine: '26.1.5',
  compose: '2.26.1',
  node: 'v24.21.0',
  parts: [
    part('app', '0.1.0', 1, 512),
    part('db', '12.7', 2, 1000),
    part('nginx', '1.27.0', 0.5, 128),
    part('runner', '0.1.0', 1, null),
  ],
  limitCores: 4.5,
  oversubscribed: true,
  database: { version: '12.7', settings: { shared_buffers: '128MB' } },
  git: { commit: '0123456789abcdef', dirty: false },
  calibration: {
    at: '2026-01-02T03:04:05Z',
    passed: true,
    summary: 'mean within 0.2 ms of the truth',
  },
}

import type { Configuration } from '../measurement/run.ts'

const range = ({ min, max }: { min: number; max: number }) =>
  min === max ? `${min}ms` : `${min}ms..${max}ms`

/** The command that does the run again, with everything that decides it. */
export function rerunCommand(configuration: Configuration): string {
  const { profile, arms, users, thinkMs, warmUpS, holdS, trials, seed, search } = configuration
  return [
    'npm run bench --',
    `--profile ${profile}`,
    `--arms ${arms.map(({ name }) => name).join(',')}`,
    `--users ${users.join(',')}`,
    `--think ${range(thinkMs)}`,
    `--warm-up ${warmUpS}s --hold ${holdS}s`,
    `--trials ${trials} --seed ${seed}`,
    `--threshold ${configuration.thresholdMs}ms --threshold-on ${configuration.thresholdOn}`,
    search ? '--search' : '--no-search',
  ].join(' ')
}

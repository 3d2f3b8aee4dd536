import { runCli } from '../runner/cli.ts'
import { KIT } from '../test/docker/kit.ts'
import { soakFailures, soakFigures, soakText } from './soak-figures.ts'

/**
 * `npm run soak [DIR]`: twenty minutes at 200 users on the embedded testbed, then whether memory stayed
 * flat. With a folder, it judges the soak that is there. Exit code 1 if something did not hold.
 */
const OPTIONS = ['--profile', 'smoke', '--arms', 'pooled', '--users', '200']
const TIMES = ['--warm-up', '30s', '--hold', '20m']

async function soaked(): Promise<string> {
  const folder = `${KIT}results/soak-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}Z`
  const code = await runCli([...OPTIONS, ...TIMES, '--out', folder], process.env)
  if (code !== 0) process.exit(code)
  return folder
}

const folder = process.argv[2] ?? (await soaked())
const figures = await soakFigures(folder)
const failures = soakFailures(figures)
process.stdout.write(`\n${soakText(figures)}\n`)
process.stdout.write(failures.length === 0 ? 'All held.\n' : `FAILED: ${failures.join('; ')}\n`)
process.exitCode = failures.length === 0 ? 0 : 1

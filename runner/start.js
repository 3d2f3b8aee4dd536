// What `npm run bench` starts. JavaScript that old versions of Node read too: they cannot even load
// main.ts, and say so with a stack of their loader.
import { existsSync } from 'node:fs'

const NEEDED = 24
const at = (path) => new URL(path, import.meta.url)

function remedy() {
  if (decodeURIComponent(at('..').pathname).includes(':')) {
    return 'the path of this checkout has a colon, which PATH takes for its end, so that npm finds another Node: move the checkout'
  }
  if (!existsSync(at('../node_modules'))) return 'run `npm ci`, which installs it'
  if (existsSync(at('../node_modules/.bin/node'))) return 'start it with `npm run bench`'
  return 'run `npm rebuild node`, which installs what `npm ci --ignore-scripts` leaves out'
}

function fail(reason) {
  process.stderr.write(`samehost: ${reason}\n`)
  process.exitCode = 1
}

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  fail(`this is Node ${process.versions.node}, and ${NEEDED} is needed: ${remedy()}.`)
} else {
  import('./main.ts').catch((error) => {
    // Of a package, as opposed to a file of the kit.
    const missing = /Cannot find package '([^']+)'/.exec(String(error && error.message))
    if (missing === null) throw error
    fail(`the package ${missing[1]} is not installed: run \`npm ci\`.`)
  })
}

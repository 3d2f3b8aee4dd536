import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { help } from '../runner/cli/help.ts'
import { readKit } from '../runner/kit.ts'
import { groupNames, readArms } from '../runner/plan/arms.ts'
import { profilesOf } from '../runner/plan/profiles.ts'
import { armsByGroup, readCompose } from '../scripts/docs/compose.ts'
import { files } from '../scripts/docs/pages.ts'
import { cases } from '../scenarios/shop/cases.ts'
import { adviceOf } from '../scripts/docs/choose-blocks.ts'
import { newestOf, readIndex } from '../scripts/records.ts'
import { STUDY } from '../study/study.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const NOT_OURS = /(^|\/)(node_modules|\.venv|reference)(\/|$)/

const text = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8')

async function find(...patterns: string[]): Promise<string[]> {
  const found = await Array.fromAsync(
    glob(patterns, { cwd: ROOT, exclude: (f) => NOT_OURS.test(f) }),
  )
  return found.toSorted()
}

type Document = Readonly<{ path: string; content: string; prose: string; code: readonly string[] }>

/** A page, its prose without code, and its code: the lines of its blocks, and what stands in backticks. */
async function read(path: string): Promise<Document> {
  const content = await text(path)
  const blocks = [...content.matchAll(/^```([^\n]*)\n(.*?)^```/gms)].flatMap(
    ([, language, code = '']) => (language === 'text' ? [] : [code]),
  )
  const prose = content.replace(/^```.*?^```/gms, '')
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
  return { path, content, prose: prose.replaceAll(/`[^`\n]*`/g, ''), code: [...lines, ...spans] }
}

/** What a run leaves behind. */
const RUN_FILES = ['run.json', 'report.md', 'report.html', 'stages.csv', 'telemetry.csv']
const documents = await Promise.all((await find('**/*.md', '.ci/**/*.md')).map(read))
/** The changelog also names what is gone. */
const current = documents.filter(({ path }) => path !== 'CHANGELOG.md')
const compose = await readCompose(ROOT)
const { scripts, version } = JSON.parse(await text('package.json')) as {
  scripts: Record<string, string>
  version: string
}

/** Each of what `found` finds in a document, as `page: what`, if it is not as it must be. */
function wrong(found: (document: Document) => string[]): string[] {
  return documents.flatMap((document) => found(document).map((what) => `${document.path}: ${what}`))
}

for (const { path, is, mustBe } of await files()) {
  test(`every figure in ${path} is what the code and the committed runs say`, () => {
    assert.equal(is, mustBe, 'run `npm run docs`')
  })
}

test('the README fits, the glossary is short, and each page opens with the question it answers', () => {
  const page = (path: string) => documents.find((document) => document.path === path)
  assert.ok((page('README.md')?.content.split('\n').length ?? Infinity) <= 150)
  const entries = page('docs/glossary.md')?.content.match(/^\| /gm)?.length ?? Infinity
  // With the head of the table and the line under it.
  assert.ok(entries <= 30 + 2)
  const silent = documents
    .filter(({ path }) => path.startsWith('docs/'))
    .filter(({ content }) => !/^# .*\n\n[^\n]+\?\n/.test(content))
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  )
})

test('the front page shows the newest default run with Docker, not the nicest', async () => {
  const begun = (await readIndex()).filter(({ name }) => name.startsWith('compose-fit-quick-'))
  const newest = begun.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]?.name
  assert.ok(newest !== undefined)
  assert.match(await text('README.md'), new RegExp(`<!-- excerpt ${newest} -->`))
})

test('the advice follows the interval, and an end that is open decides nothing', () => {
  const words = { more: 'more', less: 'less', alike: 'alike' }
  const table = [
    [1.01, 2, 'more'],
    [3.3, null, 'more'],
    [0.4, 0.99, 'less'],
    [null, 0.9, 'less'],
    [0.99, 1.01, 'alike'],
    [null, 1.5, 'alike'],
    [0.9, null, 'alike'],
  ] as const
  assert.deepEqual(
    table.map(([low, high]) => adviceOf(words, { low, high })),
    table.map(([, , advice]) => advice),
  )
})

test('a page shows the newest run of a group that is still there, and none of a longer name', () => {
  const row = (name: string, day: number, sha256: string | null = 'x') => ({
    name,
    startedAt: `2026-01-0${day}`,
    sha256,
  })
  const rows = [
    row('factor-workers-b', 2),
    row('factor-workers', 1),
    row('factor-workers-c', 3, null),
    row('factor-workers-beyond', 4),
  ]
  assert.equal(newestOf(rows, 'factor-workers'), 'factor-workers-b')
  assert.equal(newestOf(rows, 'factor-pooler'), null)
})

/** Words that were of this project alone, and that a reader with another first language looks up in vain. */
const ODD_WORDS =
  /\b(anew|made[- ]up|stand-ins?|mended|mend|luck|wherefore|foretells?|gone on with|made anew)\b/gi

test('the docs use plain words', () => {
  assert.deepEqual(
    wrong(({ prose }) => prose.match(ODD_WORDS) ?? []),
    [],
  )
})

/** As GitHub makes an anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const anchorsOf = ({ content }: Document): string[] =>
  [...content.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    anchor(heading),
  )

test('every link leads to a file and a heading that exist', () => {
  const broken = wrong(({ path, prose }) =>
    [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (link.startsWith('https://')) return []
      const [file = '', heading] = link.split('#')
      const target = file === '' ? path : join(dirname(path), file)
      if (!existsSync(join(ROOT, target))) return [link]
      if (heading === undefined) return []
      const page = documents.find((document) => document.path === target)
      return page !== undefined && anchorsOf(page).includes(heading) ? [] : [link]
    }),
  )
  assert.deepEqual(broken, [])
})

test('every npm script that the docs and the workflow name exists', async () => {
  const workflow = await text('.github/workflows/ci.yml')
  const named = [...current, { path: 'ci.yml', content: workflow }].flatMap(({ path, content }) =>
    [...content.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(
      ([, name = '']) => `${path}: ${name}`,
    ),
  )
  assert.ok(named.length > 20)
  assert.deepEqual(
    named.filter((name) => !Object.hasOwn(scripts, name.split(': ')[1] ?? '')),
    [],
  )
})

const HELP = help(1000)
const OPTIONS = new Set(HELP.match(/--[a-z][a-z-]*/g))
const COMMANDS = new Set([...HELP.matchAll(/npm run bench -- \[?(\w+)/g)].map(([, name]) => name))
/** Of `docker compose`, as used in the docs. */
const DOCKER_OPTIONS = new Set(['--build', '--exit-code-from', '--format', '--profile', '--rm'])

/** What the runner is given in a command: after `npm run bench --`, or after `bench` of Compose. */
function runnerArguments(code: string): string | null {
  const [, npm] = /npm run bench --(.*)/.exec(code) ?? []
  const [, inCompose] = /docker compose run (?:--\S+ )*bench\b(.*)/.exec(code) ?? []
  return npm ?? inCompose ?? (code.startsWith('--') ? ` ${code}` : null)
}

test('every option and command of the runner in the docs exists', () => {
  const unknown = wrong(({ code }) =>
    code.flatMap((line) => {
      const given = runnerArguments(line)
      if (given === null) return []
      const [, command] = /^ ([a-z]+)\b/.exec(given) ?? []
      const options = given.match(/(?<=\s)--[a-z][a-z-]*/g) ?? []
      const [, profile] = /--profile ([a-z]\w*)/.exec(given) ?? []
      return [
        ...options.filter((option) => !OPTIONS.has(option)),
        ...(command !== undefined && !COMMANDS.has(command) ? [command] : []),
        ...(profile !== undefined && !isProfile(profile) ? [profile] : []),
      ]
    }),
  )
  assert.deepEqual(unknown, [])
})

const isProfile = (name: string): boolean => profilesOf(STUDY).has(name)

test('every service, arm, profile and option of Compose in the docs exists', () => {
  const groups = armsByGroup(compose.services)
  const arms = Object.keys(compose.services).filter((name) =>
    compose.services[name]?.profiles?.includes(name),
  )
  const words = new Set([...groups.keys(), ...arms])
  const unknown = wrong(({ content, code }) => {
    // The name of the example that the page adds.
    const added = /npm run bench -- add (\S+)/.exec(content)?.[1]
    return code.flatMap((line) => {
      const [, before = '', verb, after = ''] =
        /^(?:\$ )?(.*?)docker compose\b.*?\b(up|run|build)\b(.*)/.exec(line) ?? []
      if (verb === undefined) return []
      const rest = after.split(/\s+#/)[0] ?? ''
      const services =
        rest.replaceAll(/\s--exit-code-from\s/g, ' ').match(/(?<=\s)[a-z][a-z-]*/g) ?? []
      const asked = verb === 'run' ? services.slice(0, 1) : services
      const [, chosen = ''] = /\bARMS=(\S+)/.exec(before) ?? []
      const [, profile] = /\bPROFILE=(\S+)/.exec(before) ?? []
      const options = (line.split(/ bench\b/)[0] ?? '').match(/(?<=\s)--[a-z][a-z-]*/g) ?? []
      return [
        ...asked.filter((name) => !Object.hasOwn(compose.services, name)),
        ...chosen.split(',').filter((name) => name !== '' && name !== added && !words.has(name)),
        ...(profile !== undefined && !isProfile(profile) ? [profile] : []),
        ...options.filter((option) => !DOCKER_OPTIONS.has(option)),
      ]
    })
  })
  assert.deepEqual(unknown, [])
})

test('the docs have every variable of Compose, and no other', async () => {
  const used = new Set(
    [...compose.text.matchAll(/\$\{([A-Z_]+)[:}]/g)].map(([, name = '']) => name),
  )
  const tables = documents.filter(({ path }) => ['docs/cli.md', 'locust/README.md'].includes(path))
  const described = tables.flatMap(({ content }) =>
    [...content.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+)/gm)].flatMap(
      ([, names = '']) => names.match(/[A-Z_]+/g) ?? [],
    ),
  )
  assert.deepEqual(
    [...used].filter((name) => !described.includes(name)),
    [],
  )
  assert.deepEqual(
    described.filter((name) => !compose.text.includes(name)),
    [],
  )
})

test('the docs say how many cases the contract has', () => {
  const said = wrong(({ content }) =>
    [...content.matchAll(/(\d+) of \d+ cases of the contract/g)].flatMap(([whole, count]) =>
      whole.startsWith(`${cases.length} of ${cases.length} `) ? [] : [`${count}`],
    ),
  )
  assert.deepEqual(said, [])
})

test('each file of compose/ that varies one thing has its page, with the command for each of its groups', () => {
  const varied = readArms(readKit('compose.yaml'), readKit).filter(({ factor }) => factor)
  for (const group of groupNames(varied))
    assert.ok(
      documents.some(
        ({ path, content }) =>
          path.startsWith('docs/factors/') && content.includes(`ARMS=${group} docker compose up`),
      ),
      `no page says how ${group} is run`,
    )
})

test('every test that the table of faults names exists', async () => {
  const page = documents.find(({ path }) => path === 'docs/faults.md')
  const rows = [...(page?.content.matchAll(/\| `([\w/.-]+\.test\.ts)`: (.*?) *\|$/gm) ?? [])]
  assert.ok(rows.length > 10)
  const missing = await Promise.all(
    rows.map(async ([, file = '', name = '']) =>
      (await text(file)).includes(name) ? [] : [`${file}: ${name}`],
    ),
  )
  assert.deepEqual(missing.flat(), [])
})

/** Written by the kit or by others, so not in the checkout. */
const NOT_COMMITTED = [
  'calibration.json',
  'calibration-loaders.json',
  'postgresql.conf',
  ...RUN_FILES,
  'services/mine-pooled/',
]

test('every file that a page or a comment names exists', async () => {
  const all = await find('**/*', '.ci/**/*', '.github/**/*')
  const exists = (name: string) =>
    all.some((path) => path === name || path.endsWith(`/${name}`)) ||
    NOT_COMMITTED.some((known) => name.endsWith(known) || name.startsWith(known))
  const sources = await find(
    '{runner,services,scripts,test}/**/*.{ts,py}',
    '{nginx,services,.ci}/**/*.{js,sh}',
  )
  const comments = await Promise.all(
    sources.map(async (path) => {
      const lines = (await text(path)).match(/^\s*(?:\/\/|#|\*|\/\*\*).*$/gm) ?? []
      return { path, code: lines }
    }),
  )
  const FILE = /(?<![\w/.${}-])\w[\w./-]+\.(?:ts|md|py|sh|yaml|sql|conf|html|json|csv)\b(?![(*])/g
  const missing = [...current, ...comments].flatMap(({ path, code }) =>
    code
      .flatMap((line) => line.match(FILE) ?? [])
      .filter((name) => !exists(name))
      .map((name) => `${path}: ${name}`),
  )
  assert.deepEqual(missing, [])
})

test('the version is one: of the package, of the citation, and the newest of the changelog', async () => {
  const citation = await text('CITATION.cff')
  const [, cited] = /^version: (\S+)$/m.exec(citation) ?? []
  const [, citedOn] = /^date-released: '(\S+)'$/m.exec(citation) ?? []
  const [, changed, changedOn] =
    /^## \[?(\d+\.\d+\.\d+)\]? - (\S+)$/m.exec(await text('CHANGELOG.md')) ?? []
  assert.deepEqual({ cited, changed }, { cited: version, changed: version })
  assert.equal(citedOn, changedOn)
})

/** Source: Citation File Format 1.2.0, its JSON schema: what it requires, and how a version of it is written. */
test('the citation is a Citation File Format that its readers know', async () => {
  const citation = parse(await text('CITATION.cff')) as Record<string, unknown>
  assert.equal(citation['cff-version'], '1.2.0')
  const { message, title, authors, keywords, license } = citation
  for (const words of [message, title, license])
    assert.ok(typeof words === 'string' && words !== '')
  for (const list of [authors, keywords]) assert.ok(Array.isArray(list) && list.length > 0)
})

test('what a run leaves behind is described whole', async () => {
  const described = await text('results/README.md')
  assert.deepEqual(
    RUN_FILES.filter((name) => !described.includes(`| \`${name}`)),
    [],
  )
})

test('npm of an older Node, which only installs the kit’s own, warns of no package of the kit', async () => {
  const { workspaces } = JSON.parse(await text('package.json')) as { workspaces: string[] }
  for (const folder of ['.', ...workspaces])
    assert.doesNotMatch(await text(join(folder, 'package.json')), /"engines"/, folder)
})

test('every action of the workflow is pinned by commit, with its tag beside it', async () => {
  const uses = (await text('.github/workflows/ci.yml')).match(/uses: .*$/gm) ?? []
  assert.ok(uses.length > 0)
  assert.deepEqual(
    uses.filter((use) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use)),
    [],
  )
})

test('every folder whose dependencies are kept up to date exists, and none is forgotten', async () => {
  const { updates } = parse(await text('.github/dependabot.yml')) as {
    updates: { 'package-ecosystem': string; directory?: string; directories?: string[] }[]
  }
  const manifest: Readonly<Record<string, string>> = {
    npm: 'package-lock.json',
    pip: 'requirements.txt',
    gomod: 'go.mod',
    docker: 'Dockerfile',
  }
  for (const { 'package-ecosystem': kind, directory, directories } of updates) {
    const file = manifest[kind]
    if (file === undefined) continue
    const there = (await find(`**/${file}`)).map((path) => join('/', dirname(path)))
    assert.deepEqual([directory ?? directories ?? []].flat().toSorted(), there.toSorted(), kind)
  }
})

import assert from 'node:assert/strict'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { drawCharts } from '../../runner/report/charts/charts.ts'
import { htmlReport } from '../../runner/report/html/page.ts'
import { analysed, simulatedRun } from '../fixtures/simulated-run.ts'
import { simulatedTelemetry } from '../fixtures/simulated-stage.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const QUIET = ['disable-gpu', 'no-first-run', 'disable-background-networking', 'disable-sync']

const executablePath = find()
const required = process.env['REQUIRE_BROWSER'] === '1'
if (!executablePath && !required)
  console.log('browser test skipped: no Chromium on the PATH; install one, or bash .ci/browser')

describe('report.html in a browser', { skip: !executablePath && !required }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'samehost-report-'))
  const file = join(folder, 'report.html')
  let browser: Browser

  before(async () => {
    assert.ok(executablePath, `REQUIRE_BROWSER=1, and none of ${NAMES.join(', ')} is on the PATH`)
    const measured = simulatedRun()
    const run = analysed(measured)
    writeFileSync(file, htmlReport(run, drawCharts(run, simulatedTelemetry(run))))
    // Chromium's sandbox cannot start as root, as which containers and CI often run.
    const args = [...QUIET, 'no-sandbox', 'disable-component-update'].map((name) => `--${name}`)
    browser = await chromium.launch({ executablePath, args })
  })
  after(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [width, shown] of [
    [1280, 'wide'],
    [390, 'narrow'],
  ] as const)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`charts and tables are seen at ${width} px, ${colorScheme}`, async () => {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
        const complaints = listen(page)
        await page.goto(pathToFileURL(file).href)
        const charts = page.locator(`figure .chart.${shown}:visible svg`)
        assert.equal(await charts.count(), 1, 'the picture alone, until a section is opened')
        await open(page)
        assert.equal(await charts.count(), 5)
        assert.equal(await page.locator('figure .chart:visible').count(), 5)
        assert.ok((await page.locator('table:visible').count()) >= 8)
        assert.ok(await page.locator('#verdict table').isVisible())
        assert.equal(await overflow(page), 0, 'the page itself scrolls sideways')
        assert.deepEqual(complaints, [])
        await page.close()
      })

  test('every table has a caption and scoped heads, every chart its words', async () => {
    const page = await browser.newPage()
    await page.goto(pathToFileURL(file).href)
    await open(page)
    const tables = await page.locator('table').count()
    assert.equal(await page.locator('table > caption').count(), tables)
    assert.equal(await page.locator('th:not([scope])').count(), 0)
    const labels = await page
      .getByRole('img')
      .evaluateAll((charts) => charts.map((chart) => chart.getAttribute('aria-label') ?? ''))
    assert.ok(labels.length >= 5 && labels.every((label) => label.length > 40))
    await page.close()
  })

  test('on a phone a name that stays in view takes a third of it at most', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    await page.goto(pathToFileURL(file).href)
    const box = await page.locator('#ramp tbody th').first().boundingBox()
    assert.ok(box && box.width <= 130, `${box?.width} px`)
    await page.close()
  })

  test('the picture begins on the first screen, and what is folded is not printed', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(pathToFileURL(file).href)
    const box = await page.locator('figure').first().boundingBox()
    assert.ok(box && box.y < 900, `${box?.y} px down`)
    const pdf = await page.pdf({ format: 'A4' })
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
    assert.ok(pages >= 1 && pages <= 8, `${pages} pages`)
    await page.close()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`text has a contrast of 4.5 to 1 and more, ${colorScheme}`, async () => {
      const page = await browser.newPage({ colorScheme })
      await page.goto(pathToFileURL(file).href)
      await open(page)
      assert.deepEqual(await faint(page), [])
      await page.close()
    })
})

function find(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(runs)
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** All that is folded. */
async function open(page: Page): Promise<void> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
}

/** Whatever the page asks for beyond itself, and whatever its console says. */
function listen(page: Page): string[] {
  const heard: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) heard.push(request.url())
  })
  page.on('console', (message) => heard.push(message.text()))
  page.on('pageerror', (error) => heard.push(error.message))
  return heard
}

function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
}

/** Texts whose contrast is below WCAG 2.2's 1.4.3, by the colours the browser computed. */
function faint(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number)
    const light = (colour) => rgb(colour).slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0)
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor
        if ((rgb(colour)[3] ?? 1) > 0) return colour
      }
      return 'rgb(255, 255, 255)'
    }
    return [...document.querySelectorAll('body *')]
      .filter((element) => !element.closest('svg') && element.checkVisibility())
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .flatMap((element) => {
        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))]
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        return ratio < 4.5 ? [element.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2)] : []
      })
  })()`)
}

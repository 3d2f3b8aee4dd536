import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draw } from './drawing.ts'
import { logRange, logTicks } from './theme.ts'

const SIZE = { width: 300, height: 200 }
const option = (label: string) => ({
  xAxis: { type: 'value', axisLabel: { formatter: () => label } },
  yAxis: { type: 'value' },
  series: [
    {
      type: 'line',
      data: [
        [0, 1 / 3],
        [1 / 7, 2],
      ],
    },
  ],
})

test('coordinates are rounded, the figures that readers see are not', () => {
  const svg = draw(option('0.12345'), SIZE)
  assert.match(svg, />0\.12345</)
  assert.doesNotMatch(svg.replace(/>[^<]*</g, '><'), /\d\.\d{2}/)
})

test('text from outside is escaped in a chart', () => {
  assert.match(draw(option('<b>&'), SIZE), />&lt;b&gt;&amp;</)
})

test('nothing is numbered by how many charts were drawn before', () => {
  const once = draw(option('a'), SIZE)
  assert.equal(draw(option('a'), SIZE), once)
  assert.doesNotMatch(once, / id="|url\(|<defs|<style/)
})

for (const value of [0.003, 7, 200, 397, 99_999])
  test(`an axis around ${value} alone still has two ticks`, () => {
    const { low, high } = logRange([value])
    assert.ok(low < value && value < high)
    assert.ok(logTicks(low, high).length >= 2)
  })

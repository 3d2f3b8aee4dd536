import type { Run } from '../../measurement/run.ts'
import { armLooks } from '../charts/palette.ts'
import { amount, range } from '../number.ts'
import { html, trusted, type Markup } from './markup.ts'

/** Each arm's answer at a glance: its users at the threshold, their interval, its ceiling. */
export function tiles(run: Run): Markup | null {
  const looks = armLooks(run)
  if (run.crossings.length === 0) return null
  const { thresholdMs } = run.configuration
  return html`<ul class="tiles">
    ${run.crossings.map(({ arm, state, users, interval, ceilingPerS }) => {
      const figure = users === null ? state.replaceAll('-', ' ') : `${amount(users)} users`
      const reach = interval ? `95 % interval ${range(interval, amount)}` : 'no interval'
      return html`<li>
        ${swatch(looks.get(arm)?.colour)}<span class="arm">${arm}</span>
        <span class="big">${figure}</span>
        <span class="small">at ${thresholdMs} ms; ${users === null ? 'not crossed' : reach}</span>
        <span class="small">at most ${amount(ceilingPerS)} requests/s</span>
      </li>`
    })}
  </ul>`
}

/** The arm's colour as a drawing: a chart's rules for the dark page hold for it too. */
function swatch(colour = '#8c959f'): Markup {
  const bar = `<rect width="10" height="4" fill="${colour}"/>`
  const svg = `<svg viewBox="0 0 10 4" preserveAspectRatio="none" aria-hidden="true">${bar}</svg>`
  return html`<span class="chart swatch">${trusted(svg)}</span>`
}

import { type Arm, groupNames } from '../plan/arms.ts'

/** The share of the longer word's letters that may differ. */
const MAY_DIFFER = 1 / 3

/** ` Did you mean pooled?`; empty where no name is near to the word. */
export function didYouMean(word: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .filter(({ name, distance }) => distance <= MAY_DIFFER * Math.max(word.length, name.length))
    .toSorted((a, b) => a.distance - b.distance)
  return nearest === undefined ? '' : ` Did you mean ${nearest.name}?`
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to make one word of the other.
 *
 * Source: the optimal string alignment distance, after F. J. Damerau, CACM 7(3), 1964.
 */
function editDistance(a: string, b: string): number {
  let [before, row]: [number[], number[]] = [
    [],
    Array.from({ length: b.length + 1 }, (_, at) => at),
  ]
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      )
    }
    ;[before, row] = [row, next]
  }
  return row[b.length] ?? 0
}

/**
 * Why words name no arm here, a sentence for each: a typo, or an arm that this testbed cannot run.
 *
 * @param inCompose the command for Compose, where the arm can run, from the words
 */
export function unknownArms(
  words: readonly string[],
  { arms, containerOnly = [] }: Readonly<{ arms: readonly Arm[]; containerOnly?: readonly Arm[] }>,
  inCompose: (word: string) => string,
): string[] {
  const known = namesOf(arms)
  const elsewhere = namesOf(containerOnly)
  return words.map((word) =>
    elsewhere.includes(word)
      ? `${word} runs in a container only: ${inCompose(word)}`
      : `there is no ${word} here.${didYouMean(word, [...known, ...elsewhere])} There is ${known.join(', ')}.`,
  )
}

const namesOf = (arms: readonly Arm[]): string[] => [
  ...arms.map(({ name }) => name),
  ...groupNames(arms),
]

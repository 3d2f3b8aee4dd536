const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** A duration such as `500ms`, `2.5s` or `5m`, in milliseconds; null if it is none. */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim())
  const factor = MS_PER_UNIT[match?.[2] ?? '']
  return factor === undefined ? null : Number(match?.[1]) * factor
}

/** A duration to be read by people: `45 s`, `7 min`, `1 h 30 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

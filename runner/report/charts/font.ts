/** What a reader's system reads best; measured by ECharts as a plain sans-serif. */
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

/** px. */
export const FONT_SIZE = 12

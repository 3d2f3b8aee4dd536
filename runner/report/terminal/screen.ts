/** What the terminal can show; the caller knows, this code does not ask. */
export interface Screen {
  /** Width in characters. */
  readonly columns: number
  /** ANSI colour: false for NO_COLOR or where the output is no terminal. */
  readonly colour: boolean
  /** Box characters and symbols beyond ASCII. */
  readonly unicode: boolean
}

/** Where a block stands: links in it are relative to its page. */
export type Place = Readonly<{ root: string; path: string }>

/** What stands between two markers of a page, of the words that follow the block's name in the first. */
export type Block = (args: string, place: Place) => string | Promise<string>

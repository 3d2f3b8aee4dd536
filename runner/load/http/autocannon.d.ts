/** autocannon's client by itself (https://github.com/mcollina/autocannon, 9.0.0); it has no types of its own. */
declare module 'autocannon/lib/httpClient.js' {
  import type { EventEmitter } from 'node:events'

  interface Options {
    readonly protocol?: string | null | undefined
    readonly hostname?: string | null | undefined
    readonly port?: number | string | null | undefined
    /** s. Without a word from the other side. */
    readonly timeout?: number
    /** Called by the constructor, before it connects. */
    readonly setupClient?: (client: HttpClient) => void
  }
  /** Emits `headers`, `body` and `response` of each answer. */
  export default class HttpClient extends EventEmitter {
    constructor(options: Options)
  }
}

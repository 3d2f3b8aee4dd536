/** A request as bytes came: its first line and its body. */
export type OnRequest = (line: string, body: string) => void

/**
 * Reads requests off one connection's chunks, as little as the calibration needs: what an HTTP
 * parser costs would be service time that the server cannot see.
 */
export function createHttpReader(onRequest: OnRequest): (chunk: Buffer) => void {
  let buffered = ''
  return (chunk) => {
    buffered += chunk.toString('latin1')
    for (;;) {
      const headEnd = buffered.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const lengthAt = buffered.indexOf('Content-Length: ')
      const hasBody = lengthAt >= 0 && lengthAt < headEnd
      const length = hasBody ? Number.parseInt(buffered.slice(lengthAt + 16, headEnd), 10) : 0
      const end = headEnd + 4 + length
      if (buffered.length < end) return
      const line = buffered.slice(0, buffered.indexOf('\r\n'))
      const body = buffered.slice(headEnd + 4, end)
      buffered = buffered.slice(end)
      onRequest(line, body)
    }
  }
}

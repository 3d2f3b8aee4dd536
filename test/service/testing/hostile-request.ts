import fc from 'fast-check'
import { hostileBody } from './hostile-body.ts'
import { hostilePath } from './hostile-path.ts'
import { byte } from './hostile-values.ts'

/** A request as a hostile or broken client might send it. */
export type HostileRequest = Readonly<{
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer | undefined
  chunked: boolean
}>

/** What Node's client lets through in a header's value. */
const headerText = fc.string({
  unit: fc.oneof(byte(0x20, 0x7e), byte(0x80, 0xff)),
  maxLength: 300,
})
const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('application/json', 'Application/JSON; charset=utf-8') },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.constantFrom('application/jsonx', 'text/plain', 'application/json, x/y'),
      headerText,
    ),
  },
)
const headers = fc.record(
  {
    'content-type': contentType,
    'idempotency-key': fc.oneof(fc.stringMatching(/^[a-c]{1,2}$/), headerText),
    accept: headerText,
  },
  { requiredKeys: [] },
)

export const hostileRequest: fc.Arbitrary<HostileRequest> = fc
  .record({
    method: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('GET', 'POST') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'HEAD',
          'PUT',
          'PATCH',
          'DELETE',
          'OPTIONS',
          'TRACE',
          'PROPFIND',
          'QUERY',
        ),
      },
    ),
    path: hostilePath,
    headers,
    body: fc.option(hostileBody, { nil: undefined }),
    chunked: fc.boolean(),
  })
  .map((request) =>
    request.method === 'POST' && request.path.length % 4 !== 0
      ? { ...request, path: '/orders' }
      : request,
  )

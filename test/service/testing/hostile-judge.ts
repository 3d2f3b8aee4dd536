import assert from 'node:assert/strict'
import type { ContractResponses } from './contract.ts'
import type { Received, Sent } from './send.ts'

/** What of a service's inside must never be seen outside, in TypeScript and in Python. */
export const INSIDE =
  /node_modules|\.ts:\d|\bat .+:\d+:\d+|syntax error|violates|relation "|select |DatabaseError|Traceback|\.py"?[,:]/i

/** The path of the contract that a request is for, if that can be seen from its form. */
function template(path: string): string | undefined {
  const [target = ''] = path.split('?')
  if (['/products', '/orders', '/sign-in'].includes(target)) return target
  const [, collection] = /^\/(products|orders)\/(?!\.{1,2}$)[\w.~-]+$/.exec(target) ?? []
  if (collection === undefined) return undefined
  return collection === 'products' ? '/products/{id}' : '/orders/{number}'
}

/** @throws AssertionError if the answer is not one that the contract names, or tells of the inside */
export function judgeHostile(
  contract: ContractResponses,
  { method, path }: Sent,
  { status, type, allow, body: text }: Received,
): void {
  assert.ok(status < 500, `status ${status}`)
  assert.doesNotMatch(text, INSIDE)
  if (status === 405) assert.notEqual(allow, '')
  if (method === 'HEAD') return assert.equal(text, '')
  const known = template(path)
  // Of a target that no route is asked about, the framework alone says that it is none.
  if (known === undefined && status === 400 && type !== 'application/problem+json') return
  const body: unknown = JSON.parse(text)
  if (status >= 400) assert.equal(type, 'application/problem+json')
  if (known === undefined) return
  const described = ['/orders', '/sign-in'].includes(known) ? 'post' : 'get'
  const fault = contract.faultOf({ path: known, method: described, status, type, body })
  assert.equal(fault, undefined)
}

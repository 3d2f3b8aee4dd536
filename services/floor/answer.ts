import { type Problem, problemJson } from './problems.ts'

/** A response as Node takes it with the least work: `head` is a flat list of names and values. */
export type Answer = Readonly<{ status: number; head: string[]; json: string }>

/** @param head more headers, as a flat list of names and values */
export const ok = (body: object, head: readonly string[] = []): Answer => ({
  status: 200,
  head: ['content-type', 'application/json', ...head],
  json: JSON.stringify(body),
})

export const created = (order: Readonly<{ number: string }>): Answer => ({
  status: 201,
  head: ['content-type', 'application/json', 'location', `/orders/${order.number}`],
  json: JSON.stringify(order),
})

export const refusal = (problem: Problem): Answer => ({
  status: problem.status,
  head: ['content-type', 'application/problem+json', ...(problem.head ?? [])],
  json: problemJson(problem),
})

// What the cases of services/contract.yaml are made of.

import { orderNumber } from './answers.ts'
import { token } from './tokens.ts'

/** What the suite has learnt so far, for the cases that build on earlier answers. */
export type Known = {
  /** Of this check alone: with it the numbers of its orders begin. */
  own: string
  productId: number
  itemId: number
  sold: number
  number: string
  total: number
}

/** What is known before the first case. */
export const begin = (): Known => ({
  own: `check-${orderNumber()}`,
  productId: 1,
  itemId: 1,
  sold: 0,
  number: '',
  total: 0,
})

type CaseRequest = Readonly<{
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}>

type CaseAnswer = Readonly<{
  headers: Readonly<Record<string, string | undefined>>
  body: unknown
}>

/** One case of the contract: a request, the status it must get, and what more must hold. */
export type Case = Readonly<{
  name: string
  /** The path in services/contract.yaml. */
  template: string
  request(known: Readonly<Known>): CaseRequest
  status: number
  /** @returns what is wrong with an answer whose status and shape are right; null if nothing */
  check?(answer: CaseAnswer, known: Known): string | null
  /** How to fix a service that fails it. */
  remedy: string
}>

/** Users of the seed. */
export const [USER, OTHER] = [1, 2]
export const bearer = (user: number) => ({ authorization: `Bearer ${token({ user })}` })

export const get = (path: string, headers: Record<string, string> = {}): CaseRequest => ({
  method: 'GET',
  path,
  headers,
})

/** Any JSON text, as this user. */
export const post = (
  body: string,
  headers: Record<string, string> = bearer(USER),
): CaseRequest => ({
  method: 'POST',
  path: '/orders',
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

type Fields = Readonly<Record<string, unknown>>
export const fields = ({ body }: CaseAnswer): Fields => body as Fields
export const listOf = (answer: CaseAnswer, name: string) => fields(answer)[name] as Fields[]
export const amountOf = (money: unknown): number => (money as { amountMinor: number }).amountMinor

export const NO_SUCH = 'An id that is well formed but not there is 404.'
export const FIELD =
  'A field that is missing or of another type is 400, and the problem names it in errors.'

/** An amount in the currency's smallest unit, such as cents: floating point would lose some. */
export type Money = Readonly<{ amountMinor: number; currency: string }>

export function money(amountMinor: number, currency: string): Money {
  return { amountMinor, currency }
}

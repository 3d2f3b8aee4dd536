/** For the audit: acknowledged <= stored <= acknowledged + in doubt, in orders and in units. */
export type OrderTotals = Readonly<{
  ordersAcknowledged: number
  ordersInDoubt: number
  quantityAcknowledged: number
  quantityInDoubt: number
}>

/** What the sender knows of an order once its request has ended. */
export type OrderEnd = 'acknowledged' | 'rejected' | 'in doubt'

/**
 * Only a 4xx says that an order was refused. A timeout, a lost connection or any 5xx (a 503 too:
 * the connection may have failed while committing) can each hide an order that was stored; and an
 * order that is still in flight is in doubt.
 */
export const endOfRefusedOrder = (error: string): OrderEnd =>
  /^status-4\d\d$/.test(error) ? 'rejected' : 'in doubt'

/** Counts orders over the life of a load. */
export function createOrderLedger() {
  const acknowledged = { orders: 0, units: 0 }
  const inDoubt = { orders: 0, units: 0 }
  return {
    /** The order goes out. */
    sent(units: number): void {
      inDoubt.orders += 1
      inDoubt.units += units
    },
    ended(units: number, end: OrderEnd): void {
      if (end === 'in doubt') return
      inDoubt.orders -= 1
      inDoubt.units -= units
      if (end === 'rejected') return
      acknowledged.orders += 1
      acknowledged.units += units
    },
    totals: (): OrderTotals => ({
      ordersAcknowledged: acknowledged.orders,
      ordersInDoubt: inDoubt.orders,
      quantityAcknowledged: acknowledged.units,
      quantityInDoubt: inDoubt.units,
    }),
  }
}

export type OrderLedger = ReturnType<typeof createOrderLedger>

import type { Fault } from './fault.ts'

/** What is required of a fault beyond what is required of each, for the table in test/README.md. */
export function requirementOf({ allowed, throughNginx, ...fault }: Fault): string {
  const statuses = allowed.filter((outcome) => outcome !== 'lost')
  const failures = [
    ...(statuses.length > 0 ? [`${statuses.join(', ')} with a problem body`] : []),
    ...(allowed.includes('lost') ? ['lost connections'] : []),
  ]
  return [
    `fails with ${failures.join(' or ')} only`,
    ...(fault.answersAll ? ['what was taken up is answered'] : []),
    ...(fault.dropsOrders ? ['orders of before go with their database'] : []),
    ...(fault.endsService ? ['back when it is started'] : ['back within 5 s, same process']),
    ...(throughNginx ? ['through Nginx'] : []),
  ].join('; ')
}

import type { Claim } from '../../measurement/verdict.ts'
import {
  defaultAtAThird,
  defaultRan,
  frameworksLevel,
  frameworksRan,
  levelWithPool,
  stopsAnswering,
  threeTimes,
  throughputStops,
  twiceTheWork,
} from './predicates.ts'
import type { Context, Judged } from './verdict.ts'

interface Stated extends Omit<Claim, keyof Judged> {
  readonly judge: (context: Context) => Judged
  /** A claim of arms that few runs have is left out where they did not run. */
  readonly applies?: (context: Context) => boolean
}

/** What the article says, in its order, and what must hold here for it to be reproduced. */
const CLAIMS: readonly Stated[] = [
  {
    id: 'three-times-the-users',
    statement:
      'With pooled connections the service crosses 100 ms at about 3 times the users that it does with a new connection for each request.',
    article: '60 users against just past 20',
    predicate: 'The ratio of the two crossings, with all of its interval, lies between 2 and 4.5.',
    judge: threeTimes,
  },
  {
    id: 'twice-the-work',
    statement:
      'With a new connection for each request the database works at least twice as hard, and the app’s CPU is not what saturates.',
    article: 'database CPU under 20 % against 40 %; app CPU at 50 %',
    predicate:
      'Database CPU for each request, at equal users, is at least 2 times that of the pool, with all of its interval; and at the crossing the app uses at most 80 % of its CPU limit.',
    judge: twiceTheWork,
  },
  {
    id: 'persistent-is-level',
    statement: 'Persistent connections bring it level with the pool.',
    article: '60 and 60 users; about 100 and 100 requests/s',
    predicate:
      'The ratio of the two crossings and that of the two ceilings, with all of their intervals, lie between 0.8 and 1.25.',
    judge: levelWithPool,
  },
  {
    id: 'throughput-stops',
    statement: 'Past the crossing throughput stops growing while the response time does not.',
    article: '60 users 100 ms, 70 users 160 ms, at about 100 requests/s',
    predicate:
      'From the crossing to the most users measured, a tenth or more further, throughput grows by less than half the share by which the users grow, and the response time by more than that share.',
    judge: throughputStops,
  },
  {
    id: 'stops-answering',
    statement: 'Past the last step the service stops answering.',
    article: 'dead at 80 users, a third past the crossing',
    predicate:
      'At 4/3 of the crossing’s users or more, at least half of the requests get no good answer.',
    judge: stopsAnswering,
  },
  {
    id: 'frameworks-level',
    statement: 'FastAPI with pooled and Django with persistent connections do not differ.',
    article: '60 and 60 users; about 100 and 100 requests/s',
    predicate:
      'The ratio of the two crossings and that of the two ceilings, Django’s over FastAPI’s, with all of their intervals, lie between 0.8 and 1.25.',
    judge: frameworksLevel,
    applies: frameworksRan,
  },
  {
    id: 'default-at-a-third',
    statement:
      'Django as it comes, with a new connection for each request, crosses at about a third of the users of FastAPI with pooled connections.',
    article: 'just past 20 users against 60',
    predicate:
      'The ratio of the two crossings, with all of its interval, lies between 1/4.5 and 1/2.',
    judge: defaultAtAThird,
    applies: defaultRan,
  },
]

/** Judges every claim of the article by a run. One that the run cannot decide says why. */
export function judgeClaims(context: Context): Claim[] {
  return CLAIMS.filter(({ applies }) => applies?.(context) ?? true).map(
    ({ id, statement, article, predicate, judge }) => ({
      id,
      statement,
      article,
      predicate,
      ...judge(context),
    }),
  )
}

import type { Claim } from '../../measurement/verdict.ts'
import type { Role } from './article.ts'
import type { FigureName } from './figures.ts'

/** Where a figure must lie for the claim to be reproduced; every text about it is made from this. */
export type Band = Readonly<{
  figure: FigureName
  /** An end that is null is open. */
  low: number | null
  high: number | null
  /** How the band follows from the article's figures. */
  derived: string
  /** What it means here if the figure lies below, or above. */
  below: string
  above: string
}>

/** A claim of the article as it was registered, before the runs that it judges. */
export type Registered = Pick<Claim, 'id' | 'statement' | 'article'> &
  Readonly<{
    /** `contenders`: the article's own frameworks alone; left out where they did not run. */
    arms: 'roles' | 'contenders'
    over: Role
    under: Role
    bands: readonly Band[]
  }>

/** The day on which the bands and estimators below were fixed. */
export const REGISTERED_ON = '2026-11-25'
/** What was changed in them since. */
export const AMENDED =
  'since 2026-11-29 `stops-answering` also counts stages without a steady state, or in which users cannot connect'
/** What all claims need. */
export const REQUIREMENTS = {
  trials: 3,
  /** The article's question: a run of another threshold answers another one. */
  thresholdMs: 100,
  thresholdOn: 'mean',
  /** Chance of any false "not reproduced" among all claims of a run (Holm). */
  alpha: 0.05,
} as const

/**
 * 60 and 60 users in steps of 10 could be 50 to 60 on either side: 0.83 to 1.2, for which the usual band
 * of equivalence stands, symmetric on the logarithm (FDA, Statistical Approaches to Establishing
 * Bioequivalence, 2001; Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15(6), 1987).
 */
const LEVEL = {
  low: 0.8,
  high: 1.25,
  derived: 'steps of 10 users at 60 tell 50/60 from 60/50, within the usual 0.8 to 1.25',
} as const

const LEVEL_USERS: Band = {
  ...LEVEL,
  figure: 'crossings',
  below: 'kept connections serve fewer users than the pool',
  above: 'kept connections serve more users than the pool',
}
const LEVEL_CEILING: Band = {
  ...LEVEL,
  figure: 'ceilings',
  below: 'kept connections serve fewer requests/s than the pool',
  above: 'kept connections serve more requests/s than the pool',
}

/** What the article says, in its order. */
export const CLAIMS: readonly Registered[] = [
  {
    id: 'three-times-the-users',
    statement:
      'With pooled connections the service crosses 100 ms at about 3 times the users that it does with a new connection for each request.',
    article: '60 users against just past 20',
    arms: 'roles',
    over: 'pooled',
    under: 'per-request',
    bands: [
      {
        figure: 'crossings',
        low: 50 / 30,
        high: 60 / 20,
        derived: 'steps of 10 users: 50 to 60 against 20 to 30, so 50/30 to 60/20',
        below: 'the pool is ahead by less here, or not at all',
        above: 'the same direction, but the pool is ahead by more here',
      },
    ],
  },
  {
    id: 'twice-the-work',
    statement:
      'With a new connection for each request the database works at least twice as hard, and the app’s CPU is not what saturates.',
    article: 'database CPU under 20 % against 40 %; app CPU at 50 %',
    arms: 'roles',
    over: 'per-request',
    under: 'pooled',
    bands: [
      {
        figure: 'database-work',
        low: 2,
        high: null,
        derived: '40 % over 20 % of the same database host',
        below: 'less than twice the work',
        above: '',
      },
      {
        figure: 'app-share',
        low: null,
        high: 0.8,
        derived: 'past four fifths a queue grows fast (M/M/1: five in the system at 0.83)',
        below: '',
        above: 'the app itself is saturated at the crossing',
      },
    ],
  },
  {
    id: 'persistent-is-level',
    statement: 'Persistent connections bring it level with the pool.',
    article: '60 and 60 users; about 100 and 100 requests/s',
    arms: 'roles',
    over: 'persistent',
    under: 'pooled',
    bands: [LEVEL_USERS, LEVEL_CEILING],
  },
  {
    id: 'throughput-stops',
    statement: 'Past the crossing throughput stops growing while the response time does not.',
    article: '60 users 100 ms, 70 users 160 ms, at about 100 requests/s',
    arms: 'roles',
    over: 'pooled',
    under: 'pooled',
    bands: [
      {
        figure: 'throughput-growth',
        low: null,
        high: 0.5,
        derived: '17 % more users gave about 6 % more requests/s: a third; a half is the bound',
        below: '',
        above: 'throughput still grows past the crossing',
      },
      {
        figure: 'response-growth',
        low: 1,
        high: null,
        derived: '17 % more users gave 60 % more response time: more than the users grew by',
        below: 'the response time grows no faster than the users',
        above: '',
      },
    ],
  },
  {
    id: 'stops-answering',
    statement: 'Past the last step the service stops answering.',
    article: 'dead at 80 users, a third past the crossing',
    arms: 'roles',
    over: 'pooled',
    under: 'pooled',
    bands: [
      {
        figure: 'unanswered',
        low: 0.5,
        high: null,
        derived: '“dead”: at least half of what is asked gets no good answer',
        below: 'it gets slower, and goes on answering',
        above: '',
      },
    ],
  },
  {
    id: 'frameworks-level',
    statement: 'FastAPI with pooled and Django with persistent connections do not differ.',
    article: '60 and 60 users; about 100 and 100 requests/s',
    arms: 'contenders',
    over: 'persistent',
    under: 'pooled',
    bands: [LEVEL_USERS, LEVEL_CEILING],
  },
  {
    id: 'default-at-a-third',
    statement:
      'Django as it comes, with a new connection for each request, crosses at about a third of the users of FastAPI with pooled connections.',
    article: 'just past 20 users against 60',
    arms: 'contenders',
    over: 'per-request',
    under: 'pooled',
    bands: [
      {
        figure: 'crossings',
        low: 20 / 60,
        high: 30 / 50,
        derived: 'steps of 10 users: 20 to 30 against 50 to 60, so 20/60 to 30/50',
        below: 'the same direction, but it falls behind by more here',
        above: 'it falls behind by less here, or not at all',
      },
    ],
  },
]

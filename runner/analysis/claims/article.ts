/** A figure of the article that depends on its host: shown beside ours, never judged. */
export type ArticleFigure = Readonly<{
  what: string
  role: Role
  article: string
  figure: 'crossing' | 'ceiling' | 'app-cpu' | 'db-cpu'
}>

/** What an arm stands for in the article. */
export type Role = 'pooled' | 'per-request' | 'persistent'

/** Its frameworks, as contenders are named, by the part they play. */
export const ARTICLE_ARMS: Readonly<Record<Role, string>> = {
  pooled: 'fastapi-pooled',
  'per-request': 'django-per-request',
  persistent: 'django-persistent',
}

/**
 * The article's figures: 100 ms mean response time as the threshold; application on 1 vCPU and 512 MB,
 * PostgreSQL 12.7 on 2 vCPU and 1 GB, both burstable cloud hosts of 2022; 0.5 s between requests is
 * inferred from its figures by Little's law.
 */
export const ARTICLE_FIGURES: readonly ArticleFigure[] = [
  { what: 'users at 100 ms', role: 'pooled', article: '60', figure: 'crossing' },
  { what: 'users at 100 ms', role: 'per-request', article: 'just past 20', figure: 'crossing' },
  { what: 'users at 100 ms', role: 'persistent', article: '60', figure: 'crossing' },
  { what: 'most requests/s', role: 'pooled', article: 'about 100', figure: 'ceiling' },
  { what: 'most requests/s', role: 'persistent', article: 'about 100', figure: 'ceiling' },
  { what: 'app CPU at the crossing', role: 'pooled', article: 'well used', figure: 'app-cpu' },
  { what: 'app CPU at the crossing', role: 'per-request', article: '50 %', figure: 'app-cpu' },
  { what: 'database CPU at the crossing', role: 'pooled', article: 'under 20 %', figure: 'db-cpu' },
  { what: 'database CPU at the crossing', role: 'per-request', article: '40 %', figure: 'db-cpu' },
]

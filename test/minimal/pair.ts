import { KIT } from '../docker/kit.ts'

/** A contender, and the same framework with the four requests of the journey and nothing more. */
export type Pair = Readonly<{
  name: string
  dockerfile: string
  image: string
  /** `DB_MODE` of the contender; the minimal one connects the same way. */
  mode: string
  minimal: Readonly<{ file: string; command: readonly string[] }>
}>

/** Where the file is mounted: on Python's path, and nowhere near the contender's own. */
export const MOUNTED_AT = '/minimal'

export const PAIRS: readonly Pair[] = [
  {
    name: 'fastapi',
    dockerfile: 'services/fastapi/Dockerfile',
    image: 'samehost-fastapi:minimal',
    mode: 'pooled',
    minimal: {
      file: `${KIT}test/minimal/shop_fastapi.py`,
      command: ['python', `${MOUNTED_AT}/shop_fastapi.py`],
    },
  },
  {
    name: 'django',
    dockerfile: 'services/django/Dockerfile',
    image: 'samehost-django:minimal',
    mode: 'persistent',
    minimal: {
      file: `${KIT}test/minimal/shop_django.py`,
      command: [
        'gunicorn',
        '--config=/dev/null',
        `--chdir=${MOUNTED_AT}`,
        '--bind=0.0.0.0:8080',
        '--workers=1',
        '--worker-class=gthread',
        '--threads=10',
        '--keep-alive=75',
        'shop_django:application',
      ],
    },
  },
]

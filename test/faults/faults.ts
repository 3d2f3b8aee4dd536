import { DATABASE_FAULTS } from './database-faults.ts'
import { SERVICE_FAULTS } from './service-faults.ts'
import type { Fault } from './testing/fault.ts'

export const FAULTS: readonly Fault[] = [...DATABASE_FAULTS, ...SERVICE_FAULTS]

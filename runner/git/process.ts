import { readGitState } from './read.ts'

// The reader, in a process of its own: see state.ts.
process.send?.(await readGitState(process.argv[2] ?? '.'))

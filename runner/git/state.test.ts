import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gitState } from './state.ts'

let folder: string

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim()

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'git-state-'))
  git('init', '-q')
  writeFileSync(join(folder, 'file'), 'one')
  git('add', '.')
  git('commit', '-qm', 'one')
})
after(() => rmSync(folder, { recursive: true }))

test('a clean checkout is known by its commit, and its index is left as it was', async () => {
  const index = readFileSync(join(folder, '.git', 'index'))
  assert.deepEqual(await gitState(folder), { commit: git('rev-parse', 'HEAD'), dirty: false })
  assert.deepEqual(readFileSync(join(folder, '.git', 'index')), index)
})

test('a changed, a staged and a new file each make it dirty', async () => {
  writeFileSync(join(folder, 'file'), 'two')
  assert.equal((await gitState(folder)).dirty, true, 'changed')
  git('add', '.')
  assert.equal((await gitState(folder)).dirty, true, 'staged')
  git('commit', '-qm', 'two')
  assert.equal((await gitState(folder)).dirty, false)
  writeFileSync(join(folder, 'new'), '')
  assert.equal((await gitState(folder)).dirty, true, 'new')
})

test('a worktree is read by its own commit and its own changes', async () => {
  writeFileSync(join(folder, 'file'), 'three')
  git('add', '.')
  git('commit', '-qm', 'three')
  const tree = join(folder, 'tree')
  // Once with loose references and objects, once with packed ones.
  for (const branch of ['loose', 'packed']) {
    git('worktree', 'add', '-q', '-b', branch, tree)
    writeFileSync(join(tree, 'file'), branch)
    git('-C', tree, 'commit', '-qam', branch)
    if (branch === 'packed') git('gc', '-q')
    const commit = git('-C', tree, 'rev-parse', 'HEAD')
    assert.notEqual(commit, git('rev-parse', 'HEAD'))
    assert.deepEqual(await gitState(tree), { commit, dirty: false }, branch)
    writeFileSync(join(tree, 'file'), 'changed')
    assert.deepEqual(await gitState(tree), { commit, dirty: true }, branch)
    git('worktree', 'remove', '--force', tree)
  }
})

test('a worktree whose repository is out of reach has no commit', async () => {
  const alone = mkdtempSync(join(tmpdir(), 'git-alone-'))
  writeFileSync(join(alone, '.git'), 'gitdir: /nowhere/.git/worktrees/x\n')
  assert.deepEqual(await gitState(alone), { commit: null, dirty: null })
  rmSync(alone, { recursive: true })
})

test('where the work tree cannot be read the commit is known, and whether it was changed is not', async () => {
  const index = join(folder, '.git', 'index')
  const whole = readFileSync(index)
  writeFileSync(index, 'no index')
  assert.deepEqual(await gitState(folder), { commit: git('rev-parse', 'HEAD'), dirty: null })
  writeFileSync(index, whole)
})

test('a folder without git gives nulls', async () => {
  assert.deepEqual(await gitState(tmpdir()), { commit: null, dirty: null })
})

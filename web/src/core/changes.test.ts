import { QueryClient, QueryObserver } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChangeApplier, replaceRow, type Change } from './changes'
import { keys } from './query'

function change(type: string, id: string | null, version: number | null = null, position = 1): Change {
  return { position, type, id, project_id: 'p', version }
}

describe('ChangeApplier', () => {
  let client: QueryClient
  let applier: ChangeApplier

  beforeEach(() => {
    vi.useFakeTimers()
    client = new QueryClient()
    applier = new ChangeApplier(client)
  })
  afterEach(() => {
    client.clear()
    vi.useRealTimers()
  })

  function isStale(key: readonly unknown[]): boolean {
    return client.getQueryState(key)!.isInvalidated
  }

  it('invalidates the object, its parts and its lists, and nothing else', async () => {
    const touched = [keys.one('container', 'a'), keys.one('container', 'a', 'metrics'), keys.list('container', { q: 'x' }), ['budget', 'p']]
    const others = [keys.one('container', 'b'), keys.list('database')]
    for (const key of [...touched, ...others]) {
      client.setQueryData(key, { version: 1 })
    }

    applier.add(change('container', 'a', 2))
    await vi.advanceTimersByTimeAsync(1)
    expect(touched.map(isStale)).toEqual(touched.map(() => true))
    expect(others.map(isStale)).toEqual(others.map(() => false))
  })

  it('leaves an object that already has the version', async () => {
    client.setQueryData(keys.one('project', 'a'), { version: 3 })
    applier.add(change('project', 'a', 3))
    await vi.advanceTimersByTimeAsync(1)
    expect(isStale(keys.one('project', 'a'))).toBe(false)
  })

  it('invalidates at most once a second', async () => {
    client.setQueryData(keys.one('job', 'a'), {})
    client.setQueryData(keys.list('event'), {})
    const spy = vi.spyOn(client, 'invalidateQueries')
    applier.add(change('job', 'a', 1, 1))
    await vi.advanceTimersByTimeAsync(1)
    const first = spy.mock.calls.length
    expect(first).toBeGreaterThan(0)
    for (let position = 2; position < 50; position++) {
      applier.add(change('job', 'a', position, position))
    }

    await vi.advanceTimersByTimeAsync(500)
    expect(spy.mock.calls.length).toBe(first)
    await vi.advanceTimersByTimeAsync(600)
    expect(spy.mock.calls.length).toBeLessThanOrEqual(first * 2)
  })

  it('invalidates all of a noun when a change has no id', async () => {
    client.setQueryData(keys.one('tier', 'small'), { version: 1 })
    client.setQueryData(keys.list('tier'), { items: [] })
    applier.add(change('tier', null))
    await vi.advanceTimersByTimeAsync(1)
    expect(isStale(keys.one('tier', 'small'))).toBe(true)
    expect(isStale(keys.list('tier'))).toBe(true)
  })

  it('takes a change of a user as one of SSH keys and identities', async () => {
    const touched = [keys.list('ssh_key'), keys.list('identity'), keys.one('container', 'a', 'ssh-keys')]
    const others = [keys.one('container', 'a'), keys.one('container', 'a', 'metrics')]
    for (const key of [...touched, ...others]) {
      client.setQueryData(key, {})
    }

    applier.add(change('user', 'u'))
    await vi.advanceTimersByTimeAsync(1)
    expect(touched.map(isStale)).toEqual([true, true, true])
    expect(others.map(isStale)).toEqual([false, false])
  })

  it('does not read a list of many pages again', async () => {
    const key = keys.list('event')
    const queryFn = vi.fn()
    client.setQueryData(key, { pageParams: [], pages: [{ items: [] }, { items: [] }, { items: [] }] })
    const stop = new QueryObserver(client, { queryKey: key, queryFn, staleTime: Infinity }).subscribe(() => {})
    applier.add(change('job', 'a'))
    await vi.advanceTimersByTimeAsync(10)
    stop()
    expect(isStale(key)).toBe(true)
    expect(queryFn).not.toHaveBeenCalled()
  })

  it('leaves a fetch that runs, and reads again after it', async () => {
    const key = keys.one('container', 'a')
    const signals: AbortSignal[] = []
    const queryFn = async ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      await new Promise(resolve => setTimeout(resolve, 100))
      return { version: signals.length }
    }
    const stop = new QueryObserver(client, { queryKey: key, queryFn }).subscribe(() => {})
    applier.add(change('container', 'a', 2))
    applier.add(change('container', 'a', 3, 2))
    await vi.advanceTimersByTimeAsync(90)
    expect(signals).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(500)
    stop()
    expect(signals.map(signal => signal.aborted)).toEqual([false, false])
    expect(client.getQueryData(key)).toEqual({ version: 2 })
  })
})

describe('replaceRow', () => {
  const data = { pageParams: [], pages: [{ items: [{ id: 'a', version: 2 }] }, { items: [{ id: 'b', version: 1 }] }] }

  it('replaces and removes rows, and keeps a higher version', () => {
    expect(replaceRow(data, 'b', { id: 'b', version: 2 }).pages[1]!.items).toEqual([{ id: 'b', version: 2 }])
    expect(replaceRow(data, 'a', { id: 'a', version: 1 }).pages[0]!.items).toEqual([{ id: 'a', version: 2 }])
    expect(replaceRow(data, 'a', null).pages[0]!.items).toEqual([])
  })
})

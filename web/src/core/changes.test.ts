import { QueryClient } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChangeApplier, replaceRow, type Change } from './changes'
import { keys } from './query'

function change(type: string, id: string, version: number | null = null, position = 1): Change {
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
    const spy = vi.spyOn(client, 'invalidateQueries')
    applier.add(change('job', 'a', 1, 1))
    await vi.advanceTimersByTimeAsync(1)
    const first = spy.mock.calls.length
    for (let position = 2; position < 50; position++) {
      applier.add(change('job', 'a', position, position))
    }

    await vi.advanceTimersByTimeAsync(500)
    expect(spy.mock.calls.length).toBe(first)
    await vi.advanceTimersByTimeAsync(600)
    expect(spy.mock.calls.length).toBeLessThanOrEqual(first * 2)
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

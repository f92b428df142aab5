import type { InfiniteData, Query, QueryClient } from '@tanstack/vue-query'
import { ApiError } from '@/api/http'
import { keys, type Noun } from './query'

/** One change of something that the user may read. */
export interface Change {
  position: number
  type: string
  id: string
  project_id: string | null
  version: number | null
}

interface Versioned {
  id?: string
  version?: number
}

interface PageOf {
  items: Versioned[]
  next_cursor?: string | null
}

/** What a list tells the cache, so that one row can be read again instead of all pages. */
export interface ListMeta extends Record<string, unknown> {
  readOne?: (id: string, signal: AbortSignal) => Promise<unknown>
}

const related: Partial<Record<string, (change: Change) => readonly (readonly unknown[])[]>> = {
  container: change => budgetOf(change),
  database: change => budgetOf(change),
  budget: change => [['budget', change.project_id ?? change.id]],
  member: change => (change.project_id ? [keys.one('project', change.project_id), ['project', 'list']] : []),
}

function budgetOf(change: Change): readonly (readonly unknown[])[] {
  return change.project_id ? [['budget', change.project_id]] : []
}

// A list of more pages than this is not read again as a whole.
const maxPages = 2

/** Invalidates what changes name: of one noun at most once a second, so that many changes of one do not delay another. */
export class ChangeApplier {
  private readonly nouns = new Map<string, { pending: Map<string, Change>; timer?: ReturnType<typeof setTimeout>; lastFlush: number }>()

  constructor(
    private readonly client: QueryClient,
    private readonly interval = 1000,
  ) {}

  add(change: Change): void {
    this.enqueue(change.type, change)
    // Every change is an event too.
    this.enqueue('event', change)
  }

  /** Everything may have changed. */
  reset(): void {
    for (const noun of this.nouns.values()) {
      noun.pending.clear()
    }

    void this.client.invalidateQueries()
  }

  private enqueue(noun: string, change: Change): void {
    const queue = this.nouns.get(noun) ?? { pending: new Map<string, Change>(), lastFlush: 0 }
    this.nouns.set(noun, queue)
    const known = queue.pending.get(change.id)
    if (!known || known.position < change.position) {
      queue.pending.set(change.id, change)
    }

    queue.timer ??= setTimeout(
      () => {
        queue.timer = undefined
        queue.lastFlush = Date.now()
        const changes = [...queue.pending.values()]
        queue.pending.clear()
        this.flush(noun, changes)
      },
      Math.max(0, queue.lastFlush + this.interval - Date.now()),
    )
  }

  private flush(noun: string, changes: Change[]): void {
    if (noun === 'event') {
      void this.client.invalidateQueries({ queryKey: ['event', 'list'] })
      return
    }

    for (const change of changes) {
      this.invalidateOne(change)
      for (const key of related[noun]?.(change) ?? []) {
        void this.client.invalidateQueries({ queryKey: key })
      }
    }

    this.invalidateLists(noun, changes)
  }

  private invalidateOne(change: Change): void {
    const key = keys.one(change.type as Noun, change.id)
    const cached = this.client.getQueryData<Versioned>(key)
    const isKnown = change.version !== null && (cached?.version ?? -1) >= change.version
    void this.client.invalidateQueries({ queryKey: key, predicate: query => !isKnown || query.queryKey.length > 2 })
  }

  private invalidateLists(noun: string, changes: Change[]): void {
    for (const query of this.client.getQueryCache().findAll({ queryKey: [noun, 'list'] })) {
      const data = query.state.data as InfiniteData<PageOf> | undefined
      if (query.meta?.readOne && data?.pages && data.pages.length > maxPages) {
        void this.refreshRows(query, changes)
      } else {
        void this.client.invalidateQueries({ queryKey: query.queryKey, exact: true })
      }
    }
  }

  private async refreshRows(query: Query, changes: Change[]): Promise<void> {
    const readOne = (query.meta as ListMeta).readOne!
    for (const change of changes) {
      const data = query.state.data as InfiniteData<PageOf> | undefined
      if (!data?.pages.some(page => page.items.some(item => item.id === change.id))) {
        continue
      }

      try {
        const row = (await readOne(change.id, new AbortController().signal)) as Versioned
        this.client.setQueryData(query.queryKey, replaceRow(query.state.data as InfiniteData<PageOf>, change.id, row))
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          this.client.setQueryData(query.queryKey, replaceRow(query.state.data as InfiniteData<PageOf>, change.id, null))
        }
      }
    }
  }
}

/** The pages with a row replaced, or removed if it is null; a lower version overwrites nothing. */
export function replaceRow(data: InfiniteData<PageOf>, id: string, row: Versioned | null): InfiniteData<PageOf> {
  return {
    ...data,
    pages: data.pages.map(page => ({
      ...page,
      items: page.items.flatMap(item => {
        if (item.id !== id) {
          return [item]
        }

        return row === null ? [] : [(item.version ?? 0) > (row.version ?? 0) ? item : row]
      }),
    })),
  }
}

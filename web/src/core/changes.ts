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

/** Invalidates what changes name, at most once a second. */
export class ChangeApplier {
  private readonly pending = new Map<string, Change>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private lastFlush = 0

  constructor(
    private readonly client: QueryClient,
    private readonly interval = 1000,
  ) {}

  add(change: Change): void {
    const key = `${change.type}/${change.id}`
    const known = this.pending.get(key)
    if (!known || known.position < change.position) {
      this.pending.set(key, change)
    }

    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.lastFlush + this.interval - Date.now()))
  }

  /** Everything may have changed. */
  reset(): void {
    this.pending.clear()
    void this.client.invalidateQueries()
  }

  private flush(): void {
    this.timer = undefined
    this.lastFlush = Date.now()
    const changes = [...this.pending.values()]
    this.pending.clear()
    const nouns = new Map<string, Change[]>()
    for (const change of changes) {
      nouns.set(change.type, [...(nouns.get(change.type) ?? []), change])
      this.invalidateOne(change)
      for (const key of related[change.type]?.(change) ?? []) {
        void this.client.invalidateQueries({ queryKey: key })
      }
    }

    for (const [noun, ofNoun] of nouns) {
      this.invalidateLists(noun, ofNoun)
    }

    // Every change is an event too.
    void this.client.invalidateQueries({ queryKey: ['event', 'list'] })
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

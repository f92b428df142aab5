import type { InfiniteData, Query, QueryClient, QueryFilters, QueryKey } from '@tanstack/vue-query'
import { ApiError } from '@/api/http'
import { keys, maxPages, pagesOf, type Noun } from './query'

/** One change of something that the user may read. */
export interface Change {
  position: number
  type: string
  /** Null where the object has no id, such as a tier, or has got another one, such as an orphan that was adopted. */
  id: string | null
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

const related: Partial<Record<string, (change: Change) => readonly QueryKey[]>> = {
  container: change => budgetOf(change),
  database: change => budgetOf(change),
  budget: change => [['budget', change.project_id ?? change.id]],
  // A run has the id of its job, and its status is that of the job.
  job: change => (change.id ? [keys.one('run', change.id), ['run', 'list']] : []),
  // SSH keys and identities have no type of their own in the feed.
  user: () => [['ssh_key', 'list'], ['identity', 'list']],
  member: change => (change.project_id ? [keys.one('project', change.project_id), ['project', 'list']] : []),
}

function budgetOf(change: Change): readonly QueryKey[] {
  return change.project_id ? [['budget', change.project_id]] : []
}

/** Invalidates what changes name: of one noun at most once a second, so that many changes of one do not delay another. */
export class ChangeApplier {
  private readonly nouns = new Map<string, { pending: Map<string | null, Change>; timer?: ReturnType<typeof setTimeout>; lastFlush: number }>()
  /** Queries that are read again when the fetch that runs has ended. */
  private readonly waiting = new Set<Query>()

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
    const queue = this.nouns.get(noun) ?? { pending: new Map<string | null, Change>(), lastFlush: 0 }
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
    if (noun !== 'event') {
      for (const change of changes) {
        this.invalidateOne(change)
        for (const queryKey of related[noun]?.(change) ?? []) {
          this.invalidate({ queryKey })
        }
      }
    }

    if (noun === 'user') {
      this.invalidate({ queryKey: ['container'], predicate: query => query.queryKey[2] === 'ssh-keys' })
    }

    this.invalidateLists(noun, changes)
  }

  private invalidateOne(change: Change): void {
    if (change.id === null) {
      this.invalidate({ queryKey: [change.type] })
      return
    }

    const key = keys.one(change.type as Noun, change.id)
    const cached = this.client.getQueryData<Versioned>(key)
    const isKnown = change.version !== null && (cached?.version ?? -1) >= change.version
    this.invalidate({ queryKey: key, predicate: query => !isKnown || query.queryKey.length > 2 })
  }

  private invalidateLists(noun: string, changes: Change[]): void {
    for (const query of this.client.getQueryCache().findAll({ queryKey: [noun, 'list'] })) {
      if (query.meta?.readOne && pagesOf(query) > maxPages) {
        void this.refreshRows(query, changes)
      } else {
        this.readAgain(query)
      }
    }
  }

  private invalidate(filters: QueryFilters): void {
    this.client.getQueryCache().findAll(filters).forEach(query => this.readAgain(query))
  }

  /** A fetch that runs is not cancelled, as it may be that of the next page; but it may have begun before the change. */
  private readAgain(query: Query): void {
    const running = query.state.fetchStatus === 'fetching' ? query.promise : undefined
    const refetchType = running || pagesOf(query) > maxPages ? 'none' : 'active'
    void this.client.invalidateQueries({ queryKey: query.queryKey, exact: true, refetchType }, { cancelRefetch: false })
    if (running && !this.waiting.has(query)) {
      this.waiting.add(query)
      const ended = () => {
        this.waiting.delete(query)
        this.readAgain(query)
      }
      running.then(ended, ended)
    }
  }

  private async refreshRows(query: Query, changes: Change[]): Promise<void> {
    const readOne = (query.meta as ListMeta).readOne!
    for (const { id } of changes) {
      const data = query.state.data as InfiniteData<PageOf> | undefined
      if (id === null || !data?.pages.some(page => page.items.some(item => item.id === id))) {
        continue
      }

      try {
        const row = (await readOne(id, new AbortController().signal)) as Versioned
        this.client.setQueryData(query.queryKey, replaceRow(query.state.data as InfiniteData<PageOf>, id, row))
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          this.client.setQueryData(query.queryKey, replaceRow(query.state.data as InfiniteData<PageOf>, id, null))
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

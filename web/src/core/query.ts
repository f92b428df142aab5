import { QueryClient, type Query } from '@tanstack/vue-query'
import { ApiError } from '@/api/http'

/** The type of an object, as the change feed names it. */
export type Noun =
  | 'project'
  | 'member'
  | 'user'
  | 'token'
  | 'session'
  | 'ssh_key'
  | 'identity'
  | 'container'
  | 'database'
  | 'orphan'
  | 'job'
  | 'tier'
  | 'plugin'
  | 'budget'
  | 'command'
  | 'run'
  | 'schedule'
  | 'workspace'
  | 'host'
  | 'event'

/** Keys of the cache: a change of an object invalidates its noun's lists and everything below its id. */
export const keys = {
  list: (noun: Noun, filter: Record<string, unknown> = {}) => [noun, 'list', filter] as const,
  one: (noun: Noun, id: string, ...part: string[]) => [noun, id, ...part] as const,
}

/** A list of more pages than this is not read again as a whole. */
export const maxPages = 2

export function pagesOf(query: Query): number {
  return (query.state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0
}

/** Reads again what is shown, as while changes do not arrive. Not what asks for that itself by refetchInterval: false. */
export async function readShown(client: QueryClient): Promise<void> {
  const wants = (query: Query) => query.observers.some(observer => observer.options.refetchInterval !== false)
  await client.refetchQueries({ type: 'active', predicate: query => wants(query) && pagesOf(query) <= maxPages }, { cancelRefetch: false })
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // What is read is replaced, never changed in place; 100,000 rows as reactive objects would slow every look at one.
      shallow: true,
      staleTime: 30_000,
      gcTime: 300_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.retryable,
      retryDelay: (failures, error) => (error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** failures),
    },
    mutations: { retry: false },
  },
})

import { QueryClient } from '@tanstack/vue-query'
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
  | 'event'

/** Keys of the cache: a change of an object invalidates its noun's lists and everything below its id. */
export const keys = {
  list: (noun: Noun, filter: Record<string, unknown> = {}) => [noun, 'list', filter] as const,
  one: (noun: Noun, id: string, ...part: string[]) => [noun, id, ...part] as const,
}

let live = () => false

/** Tells the cache whether changes arrive by themselves; without, what is shown is read again every 10 s. */
export function setLiveness(isLive: () => boolean): void {
  live = isLive
}

interface Pages {
  pages?: unknown[]
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 300_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.retryable,
      retryDelay: (failures, error) => (error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** failures),
      refetchInterval: query => (live() || ((query.state.data as Pages | undefined)?.pages?.length ?? 0) > 2 ? false : 10_000),
    },
    mutations: { retry: false },
  },
})

import { useQuery } from '@tanstack/vue-query'
import { api } from '@/api/http'
import { keys } from '@/core/query'

const options = { staleTime: 60_000, refetchInterval: false } as const

export function useTemplates() {
  return useQuery({ queryKey: keys.list('plugin', { part: 'templates' }), queryFn: ({ signal }) => api.listTemplates(signal), ...options })
}

export function useSizes() {
  return useQuery({ queryKey: keys.list('plugin', { part: 'sizes' }), queryFn: ({ signal }) => api.listSizes(signal), ...options })
}

export function usePlugins() {
  return useQuery({ queryKey: keys.list('plugin', { part: 'abilities' }), queryFn: ({ signal }) => api.listPlugins(signal), ...options })
}

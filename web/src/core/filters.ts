import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Filters and sort order in the query of the URL, so that a list can be linked, reloaded and gone back to. */
export function useUrlFilters<Name extends string>(names: readonly Name[]) {
  const route = useRoute()
  const router = useRouter()
  const values = computed(() => {
    const found: Partial<Record<Name, string>> = {}
    for (const name of names) {
      const value = route.query[name]
      if (typeof value === 'string' && value !== '') {
        found[name] = value
      }
    }

    return found
  })

  function set(name: Name, value: string | null | undefined): void {
    const query = { ...route.query }
    if (value) {
      query[name] = value
    } else {
      delete query[name]
    }

    void router.replace({ query, hash: route.hash })
  }

  function clear(): void {
    const query = { ...route.query }
    for (const name of names) {
      delete query[name]
    }

    void router.replace({ query, hash: route.hash })
  }

  return { values, set, clear }
}

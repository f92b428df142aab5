import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The time, updated each second while somebody uses it. */
export function useNow(): Readonly<Ref<number>> {
  now.value = Date.now()
  if (users++ === 0) {
    timer = setInterval(() => {
      if (!document.hidden) {
        now.value = Date.now()
      }
    }, 1000)
  }

  onScopeDispose(() => {
    if (--users === 0) {
      clearInterval(timer)
    }
  })
  return readonly(now)
}

import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { RouteLocationRaw } from 'vue-router'

export interface Notice {
  id: number
  text: string
  isError: boolean
  link?: { title: string; to: RouteLocationRaw }
}

/** Short notices of what was done, at the lower edge. An error that belongs to a form is shown there instead. */
export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let last = 0

  function show(text: string, options: Partial<Omit<Notice, 'id' | 'text'>> = {}): void {
    const notice: Notice = { id: ++last, text, isError: false, ...options }
    notices.value = [...notices.value.slice(-2), notice]
    setTimeout(() => dismiss(notice.id), notice.isError ? 10_000 : 5000)
  }

  function dismiss(id: number): void {
    notices.value = notices.value.filter(notice => notice.id !== id)
  }

  return { notices, show, dismiss }
})

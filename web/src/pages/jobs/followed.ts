import { defineStore } from 'pinia'
import { ref } from 'vue'
import { followedKey } from '@/core/tab'

export interface FollowedJob {
  id: string
  /** What it is for, such as the name of a container. */
  subject: string
}

const most = 4

/** The jobs that were started on this page and are shown over all pages until they have ended. */
export const useFollowedJobs = defineStore('followed-jobs', () => {
  const jobs = ref<FollowedJob[]>(read())

  function read(): FollowedJob[] {
    try {
      return JSON.parse(sessionStorage.getItem(followedKey) ?? '[]') as FollowedJob[]
    } catch {
      return []
    }
  }

  function store(changed: FollowedJob[]): void {
    jobs.value = changed
    sessionStorage.setItem(followedKey, JSON.stringify(changed))
  }

  function follow(id: string, subject: string): void {
    store([...jobs.value.filter(job => job.id !== id), { id, subject }].slice(-most))
  }

  function leave(id: string): void {
    store(jobs.value.filter(job => job.id !== id))
  }

  return { jobs, follow, leave }
})

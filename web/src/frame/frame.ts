import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ProjectDto } from '@/api/client'

/** What the frame shows beside the page. */
export const useFrame = defineStore('frame', () => {
  const isPaletteOpen = ref(false)
  const isHelpOpen = ref(false)
  const isDrawerOpen = ref(false)
  /** The project of the page that is open. */
  const project = shallowRef<ProjectDto | null>(null)
  return { isPaletteOpen, isHelpOpen, isDrawerOpen, project }
})

let owner: object | null = null

/** Shows the project of a page in the top bar while the page is open. The next page may show its own before this one has gone. */
export function useFrameProject(project: Readonly<Ref<ProjectDto | undefined>>): void {
  const frame = useFrame()
  const self = {}
  watch(
    project,
    found => {
      owner = self
      frame.project = found ?? null
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    if (owner === self) {
      frame.project = null
    }
  })
}

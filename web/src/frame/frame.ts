import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ProjectDto } from '@/api/client'

/** What the frame shows beside the page. */
export const useFrame = defineStore('frame', () => {
  const isPaletteOpen = ref(false)
  const isHelpOpen = ref(false)
  const isDrawerOpen = ref(false)
  /** The project whose page is open. */
  const project = shallowRef<ProjectDto | null>(null)
  return { isPaletteOpen, isHelpOpen, isDrawerOpen, project }
})

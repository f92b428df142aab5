import { onMounted, onScopeDispose, readonly, ref, type Ref } from 'vue'

/** Shows an element on the full screen, and tells whether it is there. */
export function useFullScreen(element: Readonly<Ref<HTMLElement | null>>) {
  const isFull = ref(false)

  async function toggle(): Promise<void> {
    await (document.fullscreenElement ? document.exitFullscreen() : element.value?.requestFullscreen())
  }

  function onChange(): void {
    isFull.value = document.fullscreenElement !== null && document.fullscreenElement === element.value
  }

  onMounted(() => document.addEventListener('fullscreenchange', onChange))
  onScopeDispose(() => document.removeEventListener('fullscreenchange', onChange))
  return { isFull: readonly(isFull), toggle }
}

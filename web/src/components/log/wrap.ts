import { readonly, ref } from 'vue'
import { lineHeight } from './scroll'

const storageKey = 'wombat.log.wrap'
const isWrapped = ref(localStorage.getItem(storageKey) === 'true')

/** Whether all logs wrap long lines; it is kept in the browser. */
export function useWrap() {
  function toggle(): void {
    isWrapped.value = !isWrapped.value
    localStorage.setItem(storageKey, String(isWrapped.value))
  }

  return { isWrapped: readonly(isWrapped), toggle }
}

/**
 * Where the top of the view belongs, in pixels of unwrapped lines, so that the last line ends at the bottom of the view.
 * @param heights of the last lines, in order
 */
export function topForEnd(heights: readonly number[], count: number, viewport: number): number {
  let left = viewport
  for (let index = heights.length - 1; index >= 0; index--) {
    const height = heights[index]!
    if (height >= left) {
      const line = count - heights.length + index
      return Math.max(0, (line + (height - left) / height) * lineHeight)
    }

    left -= height
  }

  return Math.max(0, (count - heights.length) * lineHeight)
}

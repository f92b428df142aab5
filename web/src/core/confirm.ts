import { shallowRef } from 'vue'

export interface Confirmation {
  title: string
  text: string
  /** What the button does, as a verb. */
  action: string
  run: () => Promise<unknown>
  isDestructive?: boolean
  /** The name to type before the button works. */
  typedName?: string
  /** What goes with it. */
  consequences?: string[]
}

export interface OpenConfirmation extends Confirmation {
  close: (isDone: boolean) => void
}

export const openConfirmation = shallowRef<OpenConfirmation | null>(null)

/** Asks before an action and carries it out in the dialog, which shows what the server refuses. True if it was done. */
export function confirm(confirmation: Confirmation): Promise<boolean> {
  return new Promise(resolve => {
    openConfirmation.value = {
      ...confirmation,
      close: isDone => {
        openConfirmation.value = null
        resolve(isDone)
      },
    }
  })
}

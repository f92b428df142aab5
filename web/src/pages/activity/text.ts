export const text = {
  title: 'Activity',
  none: 'Nothing has happened here yet.',
  by: 'by',
  /** An action as words: container.start_requested is Container start requested. */
  action: (action: string): string => {
    const words = action.replaceAll('.', ' ').replaceAll('_', ' ')
    return words[0]!.toUpperCase() + words.slice(1)
  },
} as const

export const text = {
  title: 'Activity',
  none: 'Nothing has happened here yet.',
  by: 'by',
} as const

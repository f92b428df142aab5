/** The titles that the routes need; they are loaded with the first screen, the other texts with theirs. */
export const titles = {
  title: 'Containers',
  one: 'Container',
  create: 'Create container',
  console: 'Console',
} as const

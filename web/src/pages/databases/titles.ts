/** The titles that the routes need; they are loaded with the first screen, the other texts with theirs. */
export const titles = {
  title: 'Databases',
  one: 'Database',
  create: 'Create database',
} as const

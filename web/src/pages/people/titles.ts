/** The titles that the routes need; they are loaded with the first screen, the other texts with theirs. */
export const titles = {
  title: 'People',
  one: 'Person',
  create: 'Create person',
  directory: 'Directory sync',
} as const

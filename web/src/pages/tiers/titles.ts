/** The titles that the routes need; they are loaded with the first screen, the other texts with theirs. */
export const titles = {
  title: 'Tiers',
  one: 'Tier',
  create: 'Create tier',
} as const

/** The title that the route needs; it is loaded with the first screen, the other texts with theirs. */
export const titles = { title: 'Settings' } as const

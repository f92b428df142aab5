/** The titles that the routes need; they are loaded with the first screen, the other texts with theirs. */
export const titles = {
  title: 'Commands',
  one: 'Command',
  create: 'Create command',
  runs: { title: 'Runs', one: 'Run' },
  compare: 'Compare two runs',
  searchRuns: 'Search logs',
  workspaces: { title: 'Workspaces', one: 'Workspace', create: 'Register workspace' },
  hosts: { title: 'Hosts', one: 'Host', create: 'Register host', edit: 'Host settings' },
  schedules: { title: 'Schedules', one: 'Schedule', create: 'Create schedule', edit: 'Schedule settings' },
  kinds: { make: 'Make target', local: 'Local program', ssh: 'Program on hosts' },
} as const

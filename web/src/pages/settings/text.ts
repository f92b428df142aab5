import { titles } from './titles'

export const text = {
  title: titles.title,
  lead: 'What the server that answers read at its start. Settings are changed in its configuration file, environment or command line, and take effect at the next start.',
  find: 'Find a setting',
  notAllowed: 'Only admins see the settings.',
  none: 'No setting matches.',
  columns: { name: 'Setting', value: 'Value', source: 'Source', description: 'Meaning' },
  sources: { default: 'Default', file: 'Configuration file', environment: 'Environment', command_line: 'Command line' } as Record<string, string>,
  filters: { source: 'Source' },
  secret: 'Not shown',
  unset: 'Not set',
  default: (value: string) => `Default: ${value}`,
} as const

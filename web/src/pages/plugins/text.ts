export const text = {
  title: 'Plugins',
  none: 'No plugin is configured. Without one nothing can be created.',
  kinds: { container: 'Containers', database: 'Databases' } as Record<string, string>,
  checked: 'checked',
  abilities: 'Abilities',
  templates: 'Templates',
  noAbilities: 'create and delete only',
  noMessage: 'It has reported nothing yet.',
  unchecked: 'not checked yet',
  orphans: 'Orphans',
} as const

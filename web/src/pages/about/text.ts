export const text = {
  title: 'About',
  lead: 'A self-service platform: a team gets a project, and in it containers and PostgreSQL databases.',
  version: 'Version of the API',
  unknown: 'not known',
  license: 'Licence',
  licenseName: 'Apache License 2.0',
  links: 'Links',
  reference: 'API reference',
  document: 'OpenAPI document',
  server: 'Server',
  user: 'Signed in as',
} as const

import { titles } from './titles'

export const text = {
  title: titles.title,
  lead: 'Roles are fixed. Members of a project get theirs on the tab of the project, admins on the page of the person, or both by groups.',
  permissions: 'What roles allow',
  permission: 'Permission',
  roles: { user: 'User', viewer: 'Viewer', developer: 'Developer', project_manager: 'Manager', admin: 'Admin' } as Record<string, string>,
  hints: {
    user: 'Everyone who is signed in',
    viewer: 'In a project',
    developer: 'In a project',
    project_manager: 'In a project',
    admin: 'On the whole platform',
  } as Record<string, string>,
  allowed: 'Yes',
  own: 'Own',
  notAllowed: 'No',
  scope: 'Token scope',
  groups: 'Groups',
  groupsLead: 'Groups of the directory and of the sign-in provider that give roles, from the settings of the server.',
  noGroups: 'No group gives a role. The settings ldap.roles and auth.oidc.roles name some.',
  settings: 'Settings',
  directory: 'Directory',
  columns: { group: 'Group', source: 'Source', role: 'Role', project: 'Project' },
  sources: { ldap: 'LDAP', open_id: 'OpenID' } as Record<string, string>,
  noProject: (name: string) => `${name} (no such project)`,
} as const

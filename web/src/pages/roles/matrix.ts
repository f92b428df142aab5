import type { RoleDto, RolePermissionDto } from '@/api/client'

export interface MatrixRow {
  permission: RolePermissionDto
  /** For each role whether it allows it: fully, for the own account, or not. */
  cells: ('allowed' | 'own' | 'notAllowed')[]
}

/** Roles as columns, permissions as rows, in the order in which the roles bring them. */
export function matrixOf(roles: readonly RoleDto[]): MatrixRow[] {
  const all = new Map([...roles].reverse().flatMap(role => role.permissions.map(permission => [permission.name, permission] as const)))
  const order = roles.at(-1)?.permissions.map(permission => permission.name) ?? []
  const names = [...order, ...[...all.keys()].filter(name => !order.includes(name))]
  return names.map(name => ({
    permission: all.get(name)!,
    cells: roles.map(role => {
      const found = role.permissions.find(permission => permission.name === name) ?? inherited(roles, role, name)
      return !found ? 'notAllowed' : found.own ? 'own' : 'allowed'
    }),
  }))
}

/** A member of a project is a user, too. */
function inherited(roles: readonly RoleDto[], role: RoleDto, name: string): RolePermissionDto | undefined {
  return role.of_project ? roles[0]?.permissions.find(permission => permission.name === name) : undefined
}

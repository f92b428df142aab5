import { expect, it } from 'vitest'
import { TokenScope, type RoleDto } from '@/api/client'
import { matrixOf } from './matrix'

function role(name: string, ofProject: boolean, permissions: string[]): RoleDto {
  return {
    name,
    of_project: ofProject,
    permissions: permissions.map(permission => ({ name: permission, description: permission, scope: TokenScope.Read, own: permission === 'account_read' && name === 'user' })),
  }
}

it('shows for each role what it allows, with what every user may', () => {
  const rows = matrixOf([
    role('user', false, ['account_read']),
    role('viewer', true, ['job_read']),
    role('admin', false, ['job_read', 'account_read', 'settings_read']),
  ])
  expect(rows.map(row => [row.permission.name, ...row.cells])).toEqual([
    ['job_read', 'notAllowed', 'allowed', 'allowed'],
    ['account_read', 'own', 'own', 'allowed'],
    ['settings_read', 'notAllowed', 'notAllowed', 'allowed'],
  ])
})

import { mdiDatabaseOutline, mdiPlus } from '@mdi/js'
import { api } from '@/api/http'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [
    { path: '/databases', name: 'databases', component: () => import('./DatabasesPage.vue'), meta: { title: titles.title } },
    { path: '/databases/new', name: 'database-create', component: () => import('./CreateDatabasePage.vue'), meta: { title: titles.create } },
    {
      path: '/databases/:databaseId',
      component: () => import('./DatabasePage.vue'),
      props: true,
      children: [
        { path: '', name: 'database', component: () => import('./OverviewTab.vue') },
        { path: 'users', name: 'database-users', component: () => import('./UsersTab.vue') },
        { path: 'backups', name: 'database-backups', component: () => import('./BackupsTab.vue') },
        { path: 'events', name: 'database-events', component: () => import('./EventsTab.vue') },
        { path: 'extensions', name: 'database-extensions', component: () => import('./ExtensionsTab.vue') },
        { path: 'settings', name: 'database-settings', component: () => import('./SettingsTab.vue') },
        { path: 'resize', name: 'database-resize', component: () => import('./ResizePart.vue') },
        { path: 'restore', name: 'database-restore', component: () => import('./RestorePart.vue') },
      ],
    },
  ],
  rail: [{ title: titles.title, icon: mdiDatabaseOutline, to: { name: 'databases' }, order: 30, key: 'b' }],
  projectTabs: [{ name: 'databases', title: titles.title, order: 30, component: () => import('./DatabasesTab.vue') }],
  commands: () => [{ title: titles.create, icon: mdiPlus, to: { name: 'database-create' } }],
  search: {
    title: titles.title,
    find: async (wanted, signal) => {
      const found = await api.listDatabases(8, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, wanted, undefined, signal)
      return found.items.map(database => ({
        title: database.name,
        detail: database.tier,
        icon: mdiDatabaseOutline,
        to: { name: 'database', params: { databaseId: database.id } },
      }))
    },
  },
} satisfies PageModule

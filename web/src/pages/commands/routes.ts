import { mdiCalendarClockOutline, mdiConsole, mdiHistory, mdiPlus, mdiServerNetworkOutline } from '@mdi/js'
import { api } from '@/api/http'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [
    { path: '/commands', name: 'commands', component: () => import('./CommandsPage.vue'), meta: { title: titles.title } },
    { path: '/commands/new', name: 'command-create', component: () => import('./CreateCommandPage.vue'), meta: { title: titles.create } },
    {
      path: '/commands/:commandId',
      component: () => import('./CommandPage.vue'),
      props: true,
      children: [
        { path: '', name: 'command', component: () => import('./RunTab.vue') },
        { path: 'runs', name: 'command-runs', component: () => import('./RunsTab.vue') },
        { path: 'schedules', name: 'command-schedules', component: () => import('./SchedulesTab.vue') },
        { path: 'schedules/new', name: 'schedule-create', component: () => import('./CreateScheduleTab.vue'), meta: { title: titles.schedules.create } },
        {
          path: 'schedules/:scheduleId',
          name: 'schedule-edit',
          component: () => import('./EditScheduleTab.vue'),
          props: true,
          meta: { title: titles.schedules.edit },
        },
        { path: 'settings', name: 'command-settings', component: () => import('./SettingsTab.vue') },
      ],
    },
    { path: '/runs', name: 'runs', component: () => import('./RunsPage.vue'), meta: { title: titles.runs.title } },
    { path: '/runs/search', name: 'runs-search', component: () => import('./SearchRunsPage.vue'), meta: { title: titles.searchRuns } },
    { path: '/runs/compare', name: 'runs-compare', component: () => import('./ComparePage.vue'), meta: { title: titles.compare } },
    { path: '/runs/:runId', name: 'run', component: () => import('./RunPage.vue'), props: true, meta: { title: titles.runs.one } },
    { path: '/schedules', name: 'schedules', component: () => import('./SchedulesPage.vue'), meta: { title: titles.schedules.title } },
    { path: '/workspaces', name: 'workspaces', component: () => import('./WorkspacesPage.vue'), meta: { title: titles.workspaces.title } },
    { path: '/workspaces/new', name: 'workspace-create', component: () => import('./CreateWorkspacePage.vue'), meta: { title: titles.workspaces.create } },
    { path: '/workspaces/:workspaceId', name: 'workspace', component: () => import('./WorkspacePage.vue'), props: true, meta: { title: titles.workspaces.one } },
    { path: '/hosts', name: 'hosts', component: () => import('./HostsPage.vue'), meta: { title: titles.hosts.title } },
    { path: '/hosts/new', name: 'host-create', component: () => import('./CreateHostPage.vue'), meta: { title: titles.hosts.create } },
    { path: '/hosts/:hostId', name: 'host', component: () => import('./HostPage.vue'), props: true, meta: { title: titles.hosts.one } },
    { path: '/hosts/:hostId/edit', name: 'host-edit', component: () => import('./EditHostPage.vue'), props: true, meta: { title: titles.hosts.edit } },
  ],
  rail: [{ title: titles.title, icon: mdiConsole, to: { name: 'commands' }, order: 50, key: 'c', parts: ['/runs', '/schedules', '/workspaces', '/hosts'] }],
  projectTabs: [{ name: 'commands', title: titles.title, order: 35, component: () => import('./CommandsTab.vue') }],
  commands: () => [
    { title: titles.create, icon: mdiPlus, to: { name: 'command-create' } },
    { title: titles.runs.title, icon: mdiHistory, to: { name: 'runs' } },
    { title: titles.schedules.title, icon: mdiCalendarClockOutline, to: { name: 'schedules' } },
    { title: titles.workspaces.title, icon: mdiConsole, to: { name: 'workspaces' } },
    { title: titles.hosts.title, icon: mdiServerNetworkOutline, to: { name: 'hosts' } },
  ],
  search: {
    title: titles.title,
    find: async (wanted, signal) => {
      // The API does not search commands by name; the newest are enough for the palette.
      const found = await api.listCommands(200, undefined, undefined, undefined, undefined, signal)
      return found.items
        .filter(command => command.name.toLowerCase().includes(wanted.toLowerCase()))
        .slice(0, 8)
        .map(command => ({
          title: command.name,
          detail: titles.kinds[command.kind],
          icon: mdiConsole,
          to: { name: 'command', params: { commandId: command.id } },
        }))
    },
  },
} satisfies PageModule

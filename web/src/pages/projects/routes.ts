import { mdiFolderOutline, mdiPlus } from '@mdi/js'
import { api } from '@/api/http'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [
    { path: '/projects', name: 'projects', component: () => import('./ProjectsPage.vue'), meta: { title: text.title } },
    { path: '/projects/new', name: 'project-create', component: () => import('./CreateProjectPage.vue'), meta: { title: text.create } },
    {
      path: '/projects/:projectId',
      component: () => import('./ProjectPage.vue'),
      props: true,
      children: [
        { path: '', name: 'project', component: () => import('./ProjectTabView.vue'), props: { tab: 'overview' } },
        { path: ':tab', name: 'project-tab', component: () => import('./ProjectTabView.vue'), props: true },
      ],
    },
  ],
  rail: [{ title: text.title, icon: mdiFolderOutline, to: { name: 'projects' }, order: 20, key: 'p' }],
  projectTabs: [
    { name: 'overview', title: text.tabs.overview, order: 10, component: () => import('./OverviewTab.vue') },
    { name: 'settings', title: text.tabs.settings, order: 70, component: () => import('./SettingsTab.vue') },
  ],
  commands: () => [{ title: text.create, icon: mdiPlus, to: { name: 'project-create' } }],
  search: {
    title: text.title,
    find: async (wanted, signal) => {
      const found = await api.listProjects(8, undefined, undefined, undefined, wanted, undefined, undefined, undefined, undefined, undefined, signal)
      return found.items.map(project => ({
        title: project.name,
        detail: project.unix_name,
        icon: mdiFolderOutline,
        to: { name: 'project', params: { projectId: project.id } },
      }))
    },
  },
} satisfies PageModule

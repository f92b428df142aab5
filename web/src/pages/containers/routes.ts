import { mdiCubeOutline, mdiPlus } from '@mdi/js'
import { api } from '@/api/http'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [
    { path: '/containers', name: 'containers', component: () => import('./ContainersPage.vue'), meta: { title: text.title } },
    { path: '/containers/new', name: 'container-create', component: () => import('./CreateContainerPage.vue'), meta: { title: text.create } },
    {
      path: '/containers/:projectId/:containerId/console',
      name: 'container-console',
      component: () => import('./console/ConsolePage.vue'),
      props: true,
      meta: { title: text.console.title },
    },
    { path: '/containers/:projectId/:containerId', name: 'container', component: () => import('./ContainerPage.vue'), props: true, meta: { title: text.one } },
    {
      path: '/containers/:projectId/:containerId/:part',
      name: 'container-part',
      component: () => import('./ContainerPage.vue'),
      props: true,
      meta: { title: text.one },
    },
  ],
  rail: [{ title: text.title, icon: mdiCubeOutline, to: { name: 'containers' }, order: 40, key: 'o' }],
  projectTabs: [{ name: 'containers', title: text.title, order: 20, component: () => import('./ContainersTab.vue') }],
  commands: () => [{ title: text.create, icon: mdiPlus, to: { name: 'container-create' } }],
  search: {
    title: text.title,
    find: async (wanted, signal) => {
      const found = await api.listContainers(8, undefined, undefined, undefined, undefined, undefined, undefined, wanted, undefined, signal)
      return found.items.map(container => ({
        title: container.name,
        detail: container.template,
        icon: mdiCubeOutline,
        to: { name: 'container', params: { projectId: container.project_id, containerId: container.id } },
      }))
    },
  },
} satisfies PageModule

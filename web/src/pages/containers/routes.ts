import { mdiCubeOutline, mdiPlus } from '@mdi/js'
import { api } from '@/api/http'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [
    { path: '/containers', name: 'containers', component: () => import('./ContainersPage.vue'), meta: { title: titles.title } },
    { path: '/containers/new', name: 'container-create', component: () => import('./CreateContainerPage.vue'), meta: { title: titles.create } },
    {
      path: '/containers/:projectId/:containerId/console',
      name: 'container-console',
      component: () => import('./console/ConsolePage.vue'),
      props: true,
      meta: { title: titles.console },
    },
    { path: '/containers/:projectId/:containerId', name: 'container', component: () => import('./ContainerPage.vue'), props: true, meta: { title: titles.one } },
    {
      path: '/containers/:projectId/:containerId/:part',
      name: 'container-part',
      component: () => import('./ContainerPage.vue'),
      props: true,
      meta: { title: titles.one },
    },
  ],
  rail: [{ title: titles.title, icon: mdiCubeOutline, to: { name: 'containers' }, order: 40, key: 'o' }],
  projectTabs: [{ name: 'containers', title: titles.title, order: 20, component: () => import('./ContainersTab.vue') }],
  commands: () => [{ title: titles.create, icon: mdiPlus, to: { name: 'container-create' } }],
  search: {
    title: titles.title,
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

import { ProjectAction } from '@/api/client'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [],
  projectTabs: [
    {
      name: 'activity',
      title: text.title,
      order: 60,
      component: () => import('./ActivityTab.vue'),
      isVisible: project => project.actions.includes(ProjectAction.Read_events),
    },
  ],
} satisfies PageModule

import { ProjectAction } from '@/api/client'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [],
  projectTabs: [
    {
      name: 'tokens',
      title: text.title,
      order: 50,
      component: () => import('./ProjectTokensTab.vue'),
      isVisible: project => project.actions.includes(ProjectAction.Manage_tokens),
    },
  ],
} satisfies PageModule

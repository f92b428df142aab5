import type { PageModule } from '@/core/modules'
import { canReadBudget } from '@/pages/projects/actions'
import { text } from './text'

export default {
  routes: [],
  projectTabs: [
    {
      name: 'budget',
      title: text.title,
      order: 65,
      component: () => import('./BudgetTab.vue'),
      isVisible: canReadBudget,
    },
  ],
} satisfies PageModule

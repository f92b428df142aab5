import { mdiLayersOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [
    { path: '/tiers', name: 'tiers', component: () => import('./TiersPage.vue'), meta: { title: titles.title } },
    { path: '/tiers/new', name: 'tier-create', component: () => import('./CreateTierPage.vue'), meta: { title: titles.create } },
    {
      path: '/tiers/:tierName',
      component: () => import('./TierPage.vue'),
      props: true,
      children: [
        { path: '', name: 'tier', component: () => import('./TierOverview.vue'), props: true },
        { path: 'edit', name: 'tier-edit', component: () => import('./EditTier.vue'), props: true },
        { path: 'databases', name: 'tier-databases', component: () => import('./TierDatabases.vue'), props: true },
      ],
    },
  ],
  rail: [{ title: titles.title, icon: mdiLayersOutline, to: { name: 'tiers' }, order: 110, isForAdmins: true, key: 't' }],
} satisfies PageModule

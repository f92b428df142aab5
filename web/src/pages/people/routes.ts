import { mdiAccountGroupOutline, mdiAccountOutline } from '@mdi/js'
import { api } from '@/api/http'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [
    { path: '/people', name: 'people', component: () => import('./PeoplePage.vue'), meta: { title: titles.title } },
    { path: '/people/new', name: 'person-create', component: () => import('./CreatePersonPage.vue'), meta: { title: titles.create } },
    { path: '/people/directory', name: 'directory', component: () => import('./DirectoryPage.vue'), meta: { title: titles.directory } },
    {
      path: '/people/:userId',
      component: () => import('./PersonPage.vue'),
      props: true,
      children: [
        { path: '', name: 'person', component: () => import('./PersonTab.vue') },
        { path: 'identities', name: 'person-identities', component: () => import('./IdentitiesTab.vue') },
        { path: 'sessions', name: 'person-sessions', component: () => import('./SessionsTab.vue') },
        { path: 'tokens', name: 'person-tokens', component: () => import('./TokensTab.vue') },
        { path: 'keys', name: 'person-keys', component: () => import('./KeysTab.vue') },
      ],
    },
  ],
  rail: [{ title: titles.title, icon: mdiAccountGroupOutline, to: { name: 'people' }, order: 100, isForAdmins: true, key: 'u' }],
  search: {
    title: titles.title,
    find: async (wanted, signal) => {
      const found = await api.listUsers(5, undefined, undefined, undefined, wanted, undefined, undefined, undefined, signal)
      return found.items.map(user => ({
        title: user.full_name || user.login,
        detail: user.login,
        icon: mdiAccountOutline,
        to: { name: 'person', params: { userId: user.id } },
      }))
    },
  },
} satisfies PageModule

import { mdiAccountCircleOutline, mdiKeyOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [
    {
      path: '/profile',
      component: () => import('./ProfilePage.vue'),
      meta: { title: text.title },
      children: [
        { path: '', name: 'profile', component: () => import('./AccountTab.vue') },
        { path: 'ssh-keys', name: 'profile-ssh-keys', component: () => import('./SshKeysTab.vue') },
        { path: 'tokens', name: 'profile-tokens', component: () => import('./OwnTokensTab.vue') },
        { path: 'sessions', name: 'profile-sessions', component: () => import('./SessionsTab.vue') },
        { path: 'password', name: 'profile-password', component: () => import('./PasswordTab.vue') },
      ],
    },
  ],
  commands: () => [
    { title: text.title, icon: mdiAccountCircleOutline, to: { name: 'profile' } },
    { title: text.keys.add, icon: mdiKeyOutline, to: { name: 'profile-ssh-keys', query: { add: 'true' } } },
  ],
} satisfies PageModule

/** What the tab keeps over a reload belongs to the user who typed or started it. */
export const draftPrefix = 'wombat.draft.'
export const followedKey = 'wombat.followed-jobs'
const ownerKey = 'wombat.user'

/** Removes what is kept when the tab belonged to another user, or to nobody known. */
export function claimTab(userId: string): void {
  if (sessionStorage.getItem(ownerKey) !== userId) {
    forgetUser()
    sessionStorage.setItem(ownerKey, userId)
  }
}

export function forgetUser(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(draftPrefix) || key === followedKey || key === ownerKey) {
      sessionStorage.removeItem(key)
    }
  }
}

import { beforeEach, expect, it } from 'vitest'
import { claimTab, draftPrefix, followedKey, forgetUser } from './tab'

beforeEach(() => sessionStorage.clear())

function fill(): void {
  sessionStorage.setItem(`${draftPrefix}container`, '{}')
  sessionStorage.setItem(followedKey, '[]')
  sessionStorage.setItem('wombat.reloaded', '1')
}

it('keeps what the same user has left, and nothing of another', () => {
  claimTab('ann')
  fill()
  claimTab('ann')
  expect(sessionStorage.getItem(followedKey)).toBe('[]')
  claimTab('bob')
  expect(sessionStorage.getItem(followedKey)).toBeNull()
  expect(sessionStorage.getItem(`${draftPrefix}container`)).toBeNull()
  expect(sessionStorage.getItem('wombat.reloaded')).toBe('1')
})

it('forgets a user who signs out', () => {
  claimTab('ann')
  fill()
  forgetUser()
  expect(Object.keys(sessionStorage)).toEqual(['wombat.reloaded'])
})

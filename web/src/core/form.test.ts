import { effectScope, nextTick } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { ApiError } from '@/api/http'
import { useForm } from './form'

beforeEach(() => sessionStorage.clear())

function form(submit: (values: { name: string; tags: string[] }, key: string) => Promise<unknown>, draft?: string) {
  return effectScope().run(() => useForm({ initial: { name: '', tags: [] as string[] }, submit, draft }))!
}

describe('useForm', () => {
  it('puts the messages of fields at the fields, and the rest into failure', async () => {
    const { field, failure, submit } = form(async () => {
      throw new ApiError('Some fields are not valid.', 400, 'validation_failed', { name: ['is taken'], other: ['is odd'] })
    })
    expect(await submit()).toBe(false)
    expect(field('name').errorMessages).toEqual(['is taken'])
    expect(failure.value?.message).toBe('other: is odd')
    field('name')['onUpdate:modelValue']('new')
    expect(field('name').errorMessages).toEqual([])
  })

  it('keeps what was typed when somebody else was faster, and tells what changed', async () => {
    const initial = { name: 'a', owner: 'x', note: '' }
    let calls = 0
    const { values, field, overtaken, isChanged, submit } = effectScope().run(() =>
      useForm({
        initial,
        latest: async () => ({ name: 'b', owner: 'y', note: '' }),
        submit: async () => {
          if (calls++ === 0) {
            throw new ApiError('It was changed.', 412, 'stale_version')
          }
        },
      }),
    )!
    field('name')['onUpdate:modelValue']('typed')
    expect(await submit()).toBe(false)
    expect(overtaken.value).toEqual([
      { name: 'name', before: 'a', now: 'b' },
      { name: 'owner', before: 'x', now: 'y' },
    ])
    expect({ ...values }).toEqual({ name: 'typed', owner: 'y', note: '' })
    expect(isChanged.value).toBe(true)
    expect(await submit()).toBe(true)
    expect(overtaken.value).toEqual([])
  })

  it('keeps a draft until it is sent', async () => {
    const first = form(async () => {}, 'test')
    first.field('name')['onUpdate:modelValue']('typed')
    await Promise.resolve()
    const second = form(async () => {}, 'test')
    expect(second.values.name).toBe('typed')
    expect(await second.submit()).toBe(true)
    expect(form(async () => {}, 'test').values.name).toBe('')
  })

  it('has no draft after reset', async () => {
    const { field, reset } = form(async () => {}, 'test')
    field('name')['onUpdate:modelValue']('typed')
    await nextTick()
    expect(sessionStorage).toHaveLength(1)
    reset()
    await nextTick()
    expect(sessionStorage).toHaveLength(0)
  })

  it('sends the same key for the same values only', async () => {
    const found: string[] = []
    const { field, submit } = form(async (_, key) => found.push(key))
    await submit()
    await submit()
    field('name')['onUpdate:modelValue']('other')
    await submit()
    expect(found[0]).toBe(found[1])
    expect(found[2]).not.toBe(found[0])
  })

  it('is unchanged again after rebase', () => {
    const { field, isChanged, rebase } = form(async () => {})
    field('name')['onUpdate:modelValue']('other')
    expect(isChanged.value).toBe(true)
    rebase({ name: 'other', tags: [] })
    expect(isChanged.value).toBe(false)
  })
})

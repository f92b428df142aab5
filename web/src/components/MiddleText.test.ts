import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import MiddleText from './MiddleText.vue'

describe('MiddleText', () => {
  it('keeps the end of a long name, whole characters only', () => {
    const text = 'a'.repeat(30) + '👩‍👩‍👧‍👦b'
    const wrapper = mount(MiddleText, { props: { text, tail: 2 } })
    expect(wrapper.find('.tail').text()).toBe('👩‍👩‍👧‍👦b')
    expect(wrapper.find('.whole').text()).toBe(text)
    expect(wrapper.attributes('title')).toBe(text)
  })

  it('leaves a short name whole', () => {
    expect(mount(MiddleText, { props: { text: 'short' } }).find('.tail').exists()).toBe(false)
  })
})

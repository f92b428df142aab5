import { computed, nextTick, onScopeDispose, reactive, ref, shallowRef, toRaw, watch, type Ref } from 'vue'
import { ApiError, newKey } from '@/api/http'
import { toApiError } from './action'
import { draftPrefix } from './tab'

export interface FormOptions<Values extends object> {
  initial: Values
  /** key is an Idempotency-Key: the same as long as the same values are sent again. */
  submit: (values: Values, key: string) => Promise<unknown>
  /** Keeps what was typed under this name in the tab until it is sent. Not for forms with secrets. */
  draft?: string
  /** Reads what is saved now, for a form that somebody else has overtaken. */
  latest?: () => Promise<Values>
}

/** A field that somebody else has changed since the form was filled. */
export interface OvertakenField {
  name: string
  before: unknown
  now: unknown
}

/** What a field of Vuetify takes from a form. */
export interface FieldBinding<Value> {
  name: string
  modelValue: Value
  // A checkbox of Vuetify may give null.
  'onUpdate:modelValue': (value: Value extends boolean ? boolean | null : Value) => void
  errorMessages: string[]
}

/**
 * A form that the server checks: its messages stand at the fields, the focus goes to the first of them, and what belongs to no field is in
 * failure. Give the form element formRef.
 */
export function useForm<Values extends object>(options: FormOptions<Values>) {
  const values = reactive({ ...options.initial, ...readDraft<Values>(options.draft) }) as Values
  const errors = ref<Record<string, string[]>>({})
  const failure = shallowRef<ApiError | null>(null)
  const busy = ref(false)
  const overtaken = shallowRef<OvertakenField[]>([])
  let sent = { text: '', key: '' }
  let base: Values = { ...options.initial }
  const formRef: Ref<HTMLElement | null> = ref(null)
  const saved = ref(JSON.stringify(options.initial))
  const isChanged = computed(() => JSON.stringify(values) !== saved.value)

  if (options.draft) {
    // At once, as a later write would bring back a draft that reset() has cleared.
    const stop = watch(values, () => writeDraft(options.draft!, values), { deep: true, flush: 'sync' })
    onScopeDispose(stop)
  }

  function field<Name extends keyof Values & string>(name: Name): FieldBinding<Values[Name]> {
    return {
      name,
      modelValue: values[name],
      'onUpdate:modelValue': value => {
        values[name] = value as Values[Name]
        delete errors.value[name]
      },
      errorMessages: errors.value[name] ?? [],
    }
  }

  async function submit(): Promise<boolean> {
    if (busy.value) {
      return false
    }

    busy.value = true
    errors.value = {}
    failure.value = null
    overtaken.value = []
    try {
      await options.submit(toRaw(values), keyOfValues())
      clearDraft(options.draft)
      return true
    } catch (thrown) {
      const error = toApiError(thrown)
      if (error.status === 412) {
        await compare()
      }

      await show(error)
      return false
    } finally {
      busy.value = false
    }
  }

  /** What was typed stays; fields that were not touched take the saved value. Sending again overwrites the others. */
  async function compare(): Promise<void> {
    const now = await options.latest?.().catch(() => null)
    if (!now) {
      return
    }

    const names = (Object.keys(now) as (keyof Values & string)[]).filter(name => !isSame(now[name], base[name]))
    overtaken.value = names.map(name => ({ name, before: base[name], now: now[name] }))
    for (const name of names) {
      if (isSame(values[name], base[name])) {
        values[name] = now[name]
      }
    }

    base = { ...now }
    saved.value = JSON.stringify({ ...values, ...now })
  }

  function keyOfValues(): string {
    const text = JSON.stringify(values)
    if (text !== sent.text) {
      sent = { text, key: newKey() }
    }

    return sent.key
  }

  async function show(error: ApiError): Promise<void> {
    const known = Object.keys(error.errors).filter(name => name in values)
    errors.value = Object.fromEntries(known.map(name => [name, error.errors[name]!]))
    failure.value = known.length === Object.keys(error.errors).length && known.length > 0 ? null : withUnknown(error, known)
    await nextTick()
    // Fields are disabled while the form is busy, and cannot take the focus.
    setTimeout(() => focusFirst(known))
  }

  function focusFirst(names: string[]): void {
    const fields = formRef.value?.querySelectorAll<HTMLElement>('[name]') ?? []
    const first = [...fields].find(element => names.includes(element.getAttribute('name')!))
    const target = first ?? formRef.value?.querySelector<HTMLElement>('[data-failure]')
    target?.focus()
  }

  function reset(to: Values = options.initial): void {
    Object.assign(values, to)
    errors.value = {}
    failure.value = null
    overtaken.value = []
    clearDraft(options.draft)
  }

  /** Takes values as those that are saved now: after a change by this form or by somebody else. */
  function rebase(to: Values): void {
    reset(to)
    base = { ...to }
    saved.value = JSON.stringify(values)
  }

  return { values, errors, failure, overtaken, busy, isChanged, formRef, field, submit, reset, rebase }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function withUnknown(error: ApiError, known: string[]): ApiError {
  const others = Object.entries(error.errors).filter(([name]) => !known.includes(name))
  const detail = others.map(([name, messages]) => `${name}: ${messages.join(', ')}`).join('; ')
  return detail ? new ApiError(detail, error.status, error.code, error.errors, error.traceId, error.retryAfter) : error
}

function readDraft<Values>(name: string | undefined): Partial<Values> {
  const stored = name ? sessionStorage.getItem(draftPrefix + name) : null
  return stored ? (JSON.parse(stored) as Partial<Values>) : {}
}

function writeDraft(name: string, values: object): void {
  sessionStorage.setItem(draftPrefix + name, JSON.stringify(values))
}

function clearDraft(name: string | undefined): void {
  if (name) {
    sessionStorage.removeItem(draftPrefix + name)
  }
}

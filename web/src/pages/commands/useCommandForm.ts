import { computed, ref } from 'vue'
import type { SaveCommandBody } from '@/api/client'
import { ApiError } from '@/api/http'
import { toApiError } from '@/core/action'
import { useForm } from '@/core/form'
import { bodyOf, parameterErrors, withParametersAsOne, type CommandValues, type ParameterErrors } from './commandForm'

/** The form of a command: as useForm, with the errors of single parameters at their fields. */
export function useCommandForm(options: {
  initial: CommandValues
  draft?: string
  send: (body: SaveCommandBody, values: CommandValues, key: string) => Promise<unknown>
}) {
  const errorsOfParameters = ref<ParameterErrors>({})
  const form = useForm<CommandValues>({
    initial: options.initial,
    draft: options.draft,
    submit: async (values, key) => {
      errorsOfParameters.value = {}
      const { body, errors } = bodyOf(values)
      try {
        if (Object.keys(errors).length > 0) {
          throw new ApiError('', 400, 'validation_failed', errors)
        }

        await options.send(body, values, key)
      } catch (thrown) {
        const error = toApiError(thrown)
        errorsOfParameters.value = parameterErrors(error)
        throw withParametersAsOne(error)
      }
    },
  })
  return { ...form, body: computed(() => bodyOf(form.values).body), errorsOfParameters }
}

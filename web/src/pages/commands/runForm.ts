import { ParameterType, type CommandParameterDto, type RunBody } from '@/api/client'
import { text } from './text'

/** The name of a parameter's field: that of the server's errors. */
export function fieldOf(parameter: Pick<CommandParameterDto, 'name'>): string {
  return `parameters.${parameter.name}`
}

/** The field of the hosts: their ids, separated by commas. */
export const hostsField = 'host_ids'

export function hostsOf(values: Record<string, string>): string[] {
  return values[hostsField] ? values[hostsField].split(',') : []
}

/** The values of a new run form: the defaults. */
export function initialValues(parameters: CommandParameterDto[]): Record<string, string> {
  return Object.fromEntries(parameters.map(parameter => [fieldOf(parameter), parameter.default ?? '']))
}

/** The body of a run; an empty field is left out, so that the parameter gets its default or none. */
export function runBody(parameters: CommandParameterDto[], values: Record<string, string>, isMasked = false): RunBody {
  const given = parameters
    .map(parameter => [parameter, values[fieldOf(parameter)] ?? ''] as const)
    .filter(([, value]) => value !== '')
    .map(([parameter, value]) => [parameter.name, isMasked && parameter.type === ParameterType.Secret ? '***' : value] as const)
  return { parameters: Object.fromEntries(given), ...(values[hostsField] ? { host_ids: hostsOf(values) } : {}) }
}

/** The names of parameters that a run needs and that have neither a value nor a default. */
export function missingNames(parameters: CommandParameterDto[], values: Record<string, string>): string[] {
  return parameters.filter(p => p.required && p.default === null && !values[fieldOf(p)]).map(p => p.name)
}

/** What is said below the field of a parameter. */
export function hintOf(parameter: CommandParameterDto): string {
  const { type, min, max, pattern } = parameter
  const parts = [
    parameter.description,
    type === ParameterType.Secret ? text.form.secret : '',
    min !== null || max !== null ? text.form.range(min === null ? null : String(min), max === null ? null : String(max)) : '',
    pattern ? text.form.pattern(pattern) : '',
    parameter.default !== null ? text.form.isDefault(parameter.default) : parameter.required ? '' : text.form.optional,
  ]
  return parts
    .filter(part => part !== '')
    .map(part => part.replace(/\.$/, ''))
    .join('. ')
}

/** The choices of a parameter that is chosen; undefined for one that is typed. */
export function choicesOf(parameter: CommandParameterDto): { value: string; title: string }[] | undefined {
  const values = parameter.type === ParameterType.Boolean ? ['true', 'false'] : parameter.type === ParameterType.Enum ? parameter.values : undefined
  const choices = values?.map(value => ({ value, title: value }))
  return choices && !parameter.required && parameter.default === null ? [{ value: '', title: text.form.notSet }, ...choices] : choices
}

import { CommandKind, ParameterKind, ParameterType, ProjectRole, RunConcurrency, type CommandDto, type CommandParameterBody, type SaveCommandBody } from '@/api/client'
import { ApiError } from '@/api/http'
import { text } from './text'

/** A parameter as fields of a form, numbers and lists as they are typed. */
export interface ParameterValues {
  name: string
  type: string
  kind: string
  description: string
  required: boolean
  default: string
  pattern: string
  min: string
  max: string
  values: string
}

/** A command as fields of a form. */
export interface CommandValues {
  project_id: string
  name: string
  kind: string
  description: string
  workspace_id: string | null
  target: string | null
  host_ids: string[]
  host_labels: string
  host_parallelism: string
  stop_at_first_failure: boolean
  arguments: string[]
  parameters: ParameterValues[]
  environment: { name: string; value: string }[]
  timeout_seconds: string
  concurrency: string
  run_by: string
  approval_by: string
  approval_seconds: string
  repeatable: boolean
}

export type ParameterErrors = Record<string, string[]>

export const newParameter: ParameterValues = {
  name: '',
  type: ParameterType.String,
  kind: ParameterKind.Container,
  description: '',
  required: false,
  default: '',
  pattern: '',
  min: '',
  max: '',
  values: '',
}

export const newCommand: CommandValues = {
  project_id: '',
  name: '',
  kind: CommandKind.Make,
  description: '',
  workspace_id: null,
  target: null,
  host_ids: [],
  host_labels: '',
  host_parallelism: '5',
  stop_at_first_failure: false,
  arguments: [''],
  parameters: [],
  environment: [],
  timeout_seconds: '3600',
  concurrency: RunConcurrency.Parallel,
  run_by: ProjectRole.Developer,
  approval_by: '',
  approval_seconds: '86400',
  repeatable: false,
}

export function valuesOf(command: CommandDto): CommandValues {
  return {
    project_id: command.project_id ?? '',
    name: command.name,
    kind: command.kind,
    description: command.description,
    workspace_id: command.workspace_id,
    target: command.target,
    host_ids: [...command.host_ids],
    host_labels: command.host_labels.join(', '),
    host_parallelism: String(command.host_parallelism),
    stop_at_first_failure: command.stop_at_first_failure,
    arguments: [...command.arguments],
    parameters: command.parameters.map(parameter => ({
      name: parameter.name,
      type: parameter.type,
      kind: parameter.kind ?? ParameterKind.Container,
      description: parameter.description,
      required: parameter.required,
      default: parameter.default ?? '',
      pattern: parameter.pattern ?? '',
      min: parameter.min === null ? '' : String(parameter.min),
      max: parameter.max === null ? '' : String(parameter.max),
      values: parameter.values.join(', '),
    })),
    environment: Object.entries(command.environment).map(([name, value]) => ({ name, value })),
    timeout_seconds: String(command.timeout_seconds),
    concurrency: command.concurrency,
    run_by: command.run_by,
    approval_by: command.approval_by ?? '',
    approval_seconds: String(command.approval_seconds),
    repeatable: command.repeatable,
  }
}

/** The body of the request, and by field what cannot be sent: only text that is no number. */
export function bodyOf(values: CommandValues): { body: SaveCommandBody; errors: Record<string, string[]> } {
  const errors: Record<string, string[]> = {}
  const isMake = values.kind === CommandKind.Make
  const isSsh = values.kind === CommandKind.Ssh
  const body: SaveCommandBody = {
    name: values.name.trim(),
    kind: values.kind as CommandKind,
    description: values.description.trim(),
    workspace_id: isSsh ? null : values.workspace_id,
    host_ids: isSsh ? values.host_ids : [],
    host_labels: isSsh ? listOf(values.host_labels) : [],
    host_parallelism: numberOf(values.host_parallelism, 'host_parallelism', errors),
    stop_at_first_failure: values.stop_at_first_failure,
    target: isMake ? values.target?.trim() || null : null,
    arguments: isMake ? [] : values.arguments,
    parameters: values.parameters.map((parameter, index) => parameterBody(parameter, index, errors)),
    environment: Object.fromEntries(values.environment.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [name.trim(), value])),
    timeout_seconds: numberOf(values.timeout_seconds, 'timeout_seconds', errors),
    concurrency: values.concurrency,
    run_by: values.run_by,
    approval_by: (values.approval_by || null) as SaveCommandBody['approval_by'],
    approval_seconds: numberOf(values.approval_seconds, 'approval_seconds', errors),
    repeatable: values.repeatable,
  }
  return { body, errors }
}

function parameterBody(values: ParameterValues, index: number, errors: Record<string, string[]>): CommandParameterBody {
  const type = values.type
  const isTyped = type === ParameterType.String || type === ParameterType.Secret
  const isInteger = type === ParameterType.Integer
  return {
    name: values.name.trim(),
    type,
    kind: type === ParameterType.Resource ? (values.kind as ParameterKind) : null,
    description: values.description.trim(),
    required: values.required,
    default: type === ParameterType.Secret ? null : values.default || null,
    pattern: isTyped ? values.pattern || null : null,
    min: isInteger ? numberOf(values.min, `parameters[${index}].min`, errors) : null,
    max: isInteger ? numberOf(values.max, `parameters[${index}].max`, errors) : null,
    values: type === ParameterType.Enum ? listOf(values.values) : [],
  }
}

export function listOf(typed: string): string[] {
  return typed
    .split(',')
    .map(value => value.trim())
    .filter(value => value !== '')
}

function numberOf(typed: string, name: string, errors: Record<string, string[]>): number | null {
  const trimmed = typed.trim()
  if (trimmed !== '' && !/^-?\d+$/.test(trimmed)) {
    errors[name] = [text.edit.number]
    return null
  }

  return trimmed === '' ? null : Number(trimmed)
}

/** Errors of single fields of parameters, by index and field; the form itself knows the parameters as one. */
export function parameterErrors(error: ApiError): ParameterErrors {
  return Object.fromEntries(Object.entries(error.errors).filter(([name]) => /^parameters\[\d+\]/.test(name)))
}

/** The error for the form, with those of single parameters under their common name. */
export function withParametersAsOne(error: ApiError): ApiError {
  const errors: Record<string, string[]> = {}
  for (const [name, messages] of Object.entries(error.errors)) {
    const known = name.replace(/^(parameters|arguments)\[\d+\].*$/, '$1')
    // The messages of parameters stand at their own fields.
    errors[known] = [...(errors[known] ?? []), ...(known === 'parameters' && known !== name ? [] : messages)]
  }

  return new ApiError(error.message, error.status, error.code, errors, error.traceId, error.retryAfter)
}

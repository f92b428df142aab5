import { describe, expect, it } from 'vitest'
import { CommandKind, ParameterType, type CommandParameterDto, type RunDto } from '@/api/client'
import { ApiError } from '@/api/http'
import { bodyOf, newCommand, newParameter, parameterErrors, withParametersAsOne } from './commandForm'
import { choicesOf, initialValues, missingNames, runBody } from './runForm'
import { compareRows, isExitCode, parameterNames, shellText } from './runs'

function parameter(more: Partial<CommandParameterDto>): CommandParameterDto {
  return { name: 'X', type: ParameterType.String, kind: null, description: '', required: false, default: null, pattern: null, min: null, max: null, values: [], ...more }
}

describe('the form of a run', () => {
  it('begins with the defaults and leaves out what is empty', () => {
    const parameters = [parameter({ name: 'A', default: '1' }), parameter({ name: 'B' })]
    const values = initialValues(parameters)
    expect(values).toEqual({ 'parameters.A': '1', 'parameters.B': '' })
    expect(runBody(parameters, values)).toEqual({ parameters: { A: '1' } })
  })

  it('masks secrets where the request is shown', () => {
    const parameters = [parameter({ name: 'S', type: ParameterType.Secret })]
    expect(runBody(parameters, { 'parameters.S': 'word' }, true)).toEqual({ parameters: { S: '***' } })
    expect(runBody(parameters, { 'parameters.S': 'word' })).toEqual({ parameters: { S: 'word' } })
  })

  it('names what a run needs', () => {
    const parameters = [parameter({ name: 'A', required: true }), parameter({ name: 'B', required: true, default: '1' })]
    expect(missingNames(parameters, initialValues(parameters))).toEqual(['A'])
  })

  it('offers no value only where a run may have none', () => {
    const values = ['test', 'live']
    expect(choicesOf(parameter({ type: ParameterType.Enum, values }))?.map(choice => choice.value)).toEqual(['', 'test', 'live'])
    expect(choicesOf(parameter({ type: ParameterType.Enum, values, required: true }))?.map(choice => choice.value)).toEqual(values)
    expect(choicesOf(parameter({}))).toBeUndefined()
  })
})

describe('the form of a command', () => {
  it('sends only what the kind and the types take', () => {
    const parameters = [{ ...newParameter, name: 'S', type: ParameterType.Secret, default: 'x', min: '1' }]
    const { body, errors } = bodyOf({ ...newCommand, target: 'deploy', arguments: ['left'], parameters, environment: [{ name: ' ', value: '' }] })
    expect(errors).toEqual({})
    expect(body).toMatchObject({ target: 'deploy', arguments: [], environment: {}, timeout_seconds: 3600 })
    expect(body.parameters![0]).toMatchObject({ default: null, min: null, pattern: null })
    expect(bodyOf({ ...newCommand, kind: CommandKind.Local, target: 'left', arguments: ['a b', ''] }).body).toMatchObject({ target: null, arguments: ['a b', ''] })
  })

  it('names the field of what is no number', () => {
    const { errors } = bodyOf({ ...newCommand, parameters: [{ ...newParameter, type: ParameterType.Integer, max: 'many' }], timeout_seconds: '1h' })
    expect(Object.keys(errors)).toEqual(['parameters[0].max', 'timeout_seconds'])
  })

  it('gives errors of single parameters to their fields and names the whole once', () => {
    const error = new ApiError('', 400, 'validation_failed', { name: ['is required'], 'parameters[1].name': ['wrong'] })
    expect(parameterErrors(error)).toEqual({ 'parameters[1].name': ['wrong'] })
    expect(withParametersAsOne(error).errors).toEqual({ name: ['is required'], parameters: [] })
  })
})

describe('runs', () => {
  it('quotes what a shell would divide', () => {
    expect(shellText(['make', '--', "it's", '', 'a b'])).toBe(`make -- 'it'\\''s' '' 'a b'`)
  })

  it('knows exit codes', () => {
    expect(['0', '255', '256', '-1', 'x', ''].map(isExitCode)).toEqual([true, true, false, false, false, false])
  })

  it('marks differences, and none of what always differs', () => {
    const [a, b] = [{ exit_code: 0, parameters: { A: '1' } }, { exit_code: 3, parameters: { B: '2' } }] as unknown as [RunDto, RunDto]
    const value = (run: RunDto) => String(run.exit_code)
    const rows = compareRows([{ key: 'exit', title: '', value }, { key: 'created', title: '', value, isUnmarked: true }], a, b)
    expect(rows.map(row => row.differs)).toEqual([true, false])
    expect(parameterNames(a, b)).toEqual(['A', 'B'])
  })
})

using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>The environment variables of a run.</summary>
internal static class RunEnvironment
{
    /// <summary>The variables of the command, and the parameters as variables of their names.</summary>
    public static IReadOnlyDictionary<string, string> Of(RunInputs inputs, IReadOnlyDictionary<string, string> secrets)
    {
        var variables = new Dictionary<string, string>(inputs.Spec.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in inputs.Parameters)
        {
            if ((value ?? secrets.GetValueOrDefault(name)) is { } text)
            {
                variables[name] = text;
            }
        }

        return variables;
    }
}

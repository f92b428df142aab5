using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A value that each run of a command may set: an environment variable, and <c>{{name}}</c> in the arguments.</summary>
public sealed class CommandParameterDto
{
    /// <summary>Also the name of the environment variable.</summary>
    /// <example>VERSION</example>
    public string Name { get; init; } = "";

    public ParameterType Type { get; init; }

    /// <summary>The kind of resource that the value names; null for other types.</summary>
    public ParameterKind? Kind { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Whether a run must give a value.</summary>
    public bool Required { get; init; }

    /// <summary>The value of a run that gives none.</summary>
    public string? Default { get; init; }

    /// <summary>A regular expression that the whole text must match; null for the default one of strings, and for any secret.</summary>
    public string? Pattern { get; init; }

    /// <summary>The smallest integer.</summary>
    public long? Min { get; init; }

    /// <summary>The largest integer.</summary>
    public long? Max { get; init; }

    /// <summary>The values of an enum.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}

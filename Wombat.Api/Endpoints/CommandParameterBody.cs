using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>A value that each run of a command may set: an environment variable, and <c>{{name}}</c> in the arguments.</summary>
internal sealed class CommandParameterBody
{
    /// <summary>Also the name of the environment variable.</summary>
    /// <example>VERSION</example>
    [Required]
    [StringLength(CommandParameter.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>What values are allowed.</summary>
    public ParameterType? Type { get; init; }

    /// <summary>The kind of resource that the value names; for resources.</summary>
    public ParameterKind? Kind { get; init; }

    /// <summary>What it means.</summary>
    [StringLength(CommandParameter.DescriptionMax)]
    public string? Description { get; init; }

    /// <summary>Whether a run must give a value.</summary>
    [DefaultValue(false)]
    public bool? Required { get; init; }

    /// <summary>The value of a run that gives none.</summary>
    public string? Default { get; init; }

    /// <summary>
    /// A regular expression that the whole text must match; for strings and secrets. Without one a string has letters, digits and
    /// . _ / : @ , + - and begins with no dash, and a secret may be any text.
    /// </summary>
    /// <example>v[0-9]+\.[0-9]+</example>
    [StringLength(CommandParameter.PatternMax)]
    public string? Pattern { get; init; }

    /// <summary>The smallest integer.</summary>
    public long? Min { get; init; }

    /// <summary>The largest integer.</summary>
    public long? Max { get; init; }

    /// <summary>The values of an enum.</summary>
    [MaxLength(CommandParameter.ValuesMax)]
    public string[]? Values { get; init; }

    internal CommandParameter ToParameter() =>
        new()
        {
            Name = Name ?? "",
            Type = Type ?? ParameterType.String,
            Kind = Kind,
            Description = Description ?? "",
            Required = Required ?? false,
            Default = Default,
            Pattern = Pattern,
            Min = Min,
            Max = Max,
            Values = Values ?? [],
        };
}

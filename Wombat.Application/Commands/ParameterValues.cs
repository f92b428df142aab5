using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Wombat.Application.Common;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Checks the values of a command's parameters and puts them into its arguments.</summary>
internal static partial class ParameterValues
{
    /// <summary>Returns the value of every parameter that has one.</summary>
    /// <exception cref="InvalidInputException">A value is missing, unknown or not allowed: one message for each, by name.</exception>
    public static IReadOnlyDictionary<string, string> Read(CommandSpec spec, IReadOnlyDictionary<string, string?> given)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = given
            .Keys.Where(n => spec.Parameters.All(p => p.Name != n))
            .ToDictionary(n => $"parameters.{n}", _ => new[] { "the command has no such parameter" }, StringComparer.Ordinal);
        foreach (var parameter in spec.Parameters)
        {
            var value = given.GetValueOrDefault(parameter.Name) ?? parameter.Default;
            var problem = value is null ? (parameter.Required ? "is required" : null) : Problem(parameter, value, spec.Kind);
            if (problem is not null)
            {
                errors[$"parameters.{parameter.Name}"] = [problem];
            }
            else if (value is not null)
            {
                values[parameter.Name] = value;
            }
        }

        return errors.Count > 0 ? throw new InvalidInputException(errors) : values;
    }

    /// <summary>Why a value is not allowed; null if it is.</summary>
    public static string? Problem(CommandParameter parameter, string value, CommandKind kind) =>
        TextProblem(value, kind)
        ?? parameter.Type switch
        {
            ParameterType.Integer => IntegerProblem(parameter, value),
            ParameterType.Boolean => value is "true" or "false" ? null : "must be true or false",
            ParameterType.Enum => parameter.Values.Contains(value, StringComparer.Ordinal)
                ? null
                : $"must be one of {string.Join(", ", parameter.Values)}",
            // ParameterReferences finds it.
            ParameterType.Host or ParameterType.Resource => value.Length is > 0 and <= CommandParameter.ReferenceMax
            && ValidationRules.IsPlain(value)
                ? null
                : $"must be an id or a name of at most {CommandParameter.ReferenceMax} characters",
            ParameterType.Secret when parameter.Pattern is null => null,
            _ => Matches(parameter.Pattern ?? CommandParameter.DefaultPattern, value)
                ? null
                : $"must match {parameter.Pattern ?? CommandParameter.DefaultPattern}",
        };

    /// <summary>Why no parameter can have the value; null if one can.</summary>
    public static string? TextProblem(string value, CommandKind kind) =>
        value.Contains('\0') ? "must not contain NUL"
        : !ValidationRules.IsPaired(value) ? "must not contain broken Unicode"
        : Encoding.UTF8.GetByteCount(value) > CommandParameter.ValueBytesMax ? $"must have at most {CommandParameter.ValueBytesMax} bytes"
        // make expands variables that come from the environment: $(shell …) in one would run.
        : kind == CommandKind.Make && value.Contains('$') ? "must not contain $: make would expand it"
        : null;

    /// <summary>The pattern for whole texts; null if it is none, or one whose time is not linear.</summary>
    public static Regex? TryPattern(string pattern)
    {
        try
        {
            // Alone first: a closing parenthesis would end the group around it.
            _ = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The parameters that an argument names.</summary>
    public static IEnumerable<string> NamesIn(string argument) => PlaceRegex().Matches(argument).Select(m => m.Groups["name"].Value);

    /// <summary>
    /// Puts values into the arguments. Each stays one argument; one that is only a parameter without a value is left out.
    /// </summary>
    public static IReadOnlyList<string> Fill(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> values) =>
        [
            .. arguments
                .Where(a =>
                    PlaceRegex().Match(a) is not { Success: true } m || m.Length != a.Length || values.ContainsKey(m.Groups["name"].Value)
                )
                .Select(a => PlaceRegex().Replace(a, m => values.GetValueOrDefault(m.Groups["name"].Value) ?? "")),
        ];

    private static bool Matches(string pattern, string value) => TryPattern(pattern)?.IsMatch(value) == true;

    private static string? IntegerProblem(CommandParameter parameter, string value) =>
        !IntegerRegex().IsMatch(value) || !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? "must be a whole number"
        : number < parameter.Min ? $"must be at least {parameter.Min}"
        : number > parameter.Max ? $"must be at most {parameter.Max}"
        : null;

    [GeneratedRegex(
        @"\{\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}\}",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex PlaceRegex();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex IntegerRegex();
}

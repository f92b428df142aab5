using System.Text;
using FluentValidation;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Validation rules for what a container gets at its creation.</summary>
internal static class CreationRules
{
    /// <summary>The rule of a name; null lets Wombat choose one.</summary>
    public static void ContainerName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(n => n is null || n.Length is >= 1 and <= Container.NameMax && Container.NameRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NameMax} of a-z, 0-9 and -, beginning with a letter and not ending with -");

    /// <summary>The rule of environment variables. A message does not repeat a value, which may be secret.</summary>
    public static void Variables<T>(this IRuleBuilder<T, IReadOnlyDictionary<string, string?>> rule) =>
        rule.Must(v => v.Count <= Container.VariablesMax)
            .WithMessage($"must be at most {Container.VariablesMax}")
            .Must(v => v.Sum(p => Encoding.UTF8.GetByteCount(p.Key + p.Value)) <= Container.EnvironmentMaxBytes)
            .WithMessage($"must have at most {Container.EnvironmentMaxBytes} bytes in all")
            .Must(v => v.Keys.All(k => k.Length <= Container.VariableNameMax && Container.VariableRegex().IsMatch(k)))
            .WithMessage($"names must be 1 to {Container.VariableNameMax} letters, digits and _, not beginning with a digit")
            .Must(v => v.Values.All(t => t is not null && !t.Any(char.IsControl) && t.Trim() == t))
            .WithMessage("values must be text without control characters and without blanks at their ends");

    /// <summary>The rule of user data.</summary>
    public static void Script<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(s => s is null || s.StartsWith(Container.ScriptMark, StringComparison.Ordinal))
            .WithMessage($"must be a script that begins with {Container.ScriptMark}")
            .Must(s => s is null || Encoding.UTF8.GetByteCount(s) <= Container.UserDataMaxBytes)
            .WithMessage($"must have at most {Container.UserDataMaxBytes} bytes")
            .Must(s => s is null || !s.Contains('\0', StringComparison.Ordinal))
            .WithMessage("must not contain NUL");
}

namespace Wombat.Domain.Commands;

/// <summary>The form of the labels of hosts, such as <c>web</c> or <c>env=prod</c>.</summary>
public static class HostLabel
{
    public const string Rule = "must be labels of at most 63 letters, digits and . _ / = -, beginning and ending with a letter or digit";

    public static bool IsValid(string? label) =>
        label is { Length: > 0 and <= SshHost.LabelMax }
        && char.IsAsciiLetterOrDigit(label[0])
        && char.IsAsciiLetterOrDigit(label[^1])
        && label.All(c => char.IsAsciiLetterOrDigit(c) || "._/=-".Contains(c));
}

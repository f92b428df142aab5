using System.Globalization;
using FluentValidation.Results;

namespace Wombat.Application.Commands;

/// <summary>A host of an imported document, before it is compared with those that are registered.</summary>
/// <param name="Fields">Without its jump host.</param>
/// <param name="Jump">The option that names its jump host; null for a direct connection.</param>
internal sealed record HostDraft(SshConfigHost Source, HostFields Fields, SshConfigOption? Jump)
{
    private static readonly HostFieldsValidator Validator = new();
    private static readonly string[] Taken = ["HostName", "Port", "User", "ProxyJump"];

    /// <summary>The options that are not taken over.</summary>
    public IEnumerable<SshConfigOption> Ignored => Source.Options.Where(o => !Taken.Contains(o.Keyword, StringComparer.OrdinalIgnoreCase));

    /// <param name="errors">Gets what is wrong, with the line.</param>
    public static HostDraft Read(SshConfigHost source, ICollection<string> errors)
    {
        var address = (source.Find("HostName")?.Value ?? source.Alias)
            .Replace("%h", source.Alias, StringComparison.Ordinal)
            .Replace("%%", "%", StringComparison.Ordinal);
        var fields = new HostFields(source.Alias, address, PortOf(source), source.Find("User")?.Value ?? "", [], null);
        foreach (var failure in Validator.Validate(fields).Errors)
        {
            errors.Add(Describe(source, failure));
        }

        var jump = source.Find("ProxyJump");
        var isDirect = jump is null || jump.Value == source.Alias || string.Equals(jump.Value, "none", StringComparison.OrdinalIgnoreCase);
        return new HostDraft(source, fields, isDirect ? null : jump);
    }

    // Zero, which is refused, for what is no number.
    private static int PortOf(SshConfigHost source) =>
        source.Find("Port") is not { } port ? HostFields.DefaultPort
        : int.TryParse(port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : 0;

    private static string Describe(SshConfigHost source, ValidationFailure failure)
    {
        var keyword = failure.PropertyName switch
        {
            nameof(HostFields.Address) => "HostName",
            nameof(HostFields.Port) => "Port",
            nameof(HostFields.UserName) => "User",
            _ => "Host",
        };
        var option = source.Find(keyword);
        return keyword == "User" && option is null
            ? $"line {source.Line}: {source.Alias} has no User; add it there or in a block for Host *"
            : $"line {option?.Line ?? source.Line}: {keyword} of {source.Alias} {failure.ErrorMessage}";
    }
}

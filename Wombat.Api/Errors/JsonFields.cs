using System.Text.Json;
using System.Text.RegularExpressions;
using Wombat.Application.Common;

namespace Wombat.Api.Errors;

/// <summary>Turns the JSON reader's complaint into a field of the body and words for its user.</summary>
internal static partial class JsonFields
{
    public static (string Field, string Message) Explain(JsonException e)
    {
        var path = (e.Path ?? "$").TrimStart('$').TrimStart('.').Replace("['", "", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal);
        if (UnknownRegex().Match(e.Message) is { Success: true } unknown)
        {
            return (Join(path, unknown.Groups["name"].Value), "is not a field of this request");
        }

        if (DuplicateRegex().Match(e.Message) is { Success: true } duplicate)
        {
            return (Join(path, duplicate.Groups["name"].Value), "is given twice");
        }

        if (MissingRegex().Match(e.Message) is { Success: true } missing)
        {
            return (Join(path, missing.Groups["name"].Value), "is required");
        }

        if (e.Message.StartsWith(Rfc3339.Expected, StringComparison.Ordinal))
        {
            return (path, Rfc3339.Expected);
        }

        if (e.Message.Contains("does not allow null", StringComparison.Ordinal) || e.Message.Contains("null values", StringComparison.Ordinal))
        {
            return (path.Length > 0 ? path : NamedRegex().Match(e.Message) is { Success: true } named ? named.Groups["name"].Value : "body", "must not be null");
        }

        return path.Length == 0 ? ("body", "must be a JSON object") : (path, "has the wrong type or an unknown value");
    }

    private static string Join(string path, string name) =>
        path.Length == 0 || path == name || path.EndsWith("." + name, StringComparison.Ordinal) ? (path.Length == 0 ? name : path) : $"{path}.{name}";

    [GeneratedRegex("The JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnknownRegex();

    [GeneratedRegex("[Dd]uplicate property '(?<name>[^']*)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DuplicateRegex();

    [GeneratedRegex("missing required properties[^:]*: '(?<name>[^']*)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MissingRegex();

    [GeneratedRegex("'(?<name>[a-z_]+)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedRegex();
}

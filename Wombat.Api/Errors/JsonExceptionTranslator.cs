using System.Text.Json;
using System.Text.RegularExpressions;
using Wombat.Api.Http;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Api.Errors;

/// <summary>Translates an error of the JSON reader to the field and a message for the user.</summary>
internal static partial class JsonExceptionTranslator
{
    /// <summary>
    /// The messages by field. ASP.NET Core reports a binding failure as text only; the field is the JSON path or the
    /// parameter's name.
    /// </summary>
    public static IReadOnlyDictionary<string, string[]> ErrorsOf(BadHttpRequestException e)
    {
        var (field, message) = e.InnerException is JsonException json ? Explain(json) : ("body", "must be a JSON object");
        if (
            e.InnerException is null
            && e.Message.Split('"') is { Length: >= 3 } quoted
            && !e.Message.Contains("body", StringComparison.OrdinalIgnoreCase)
        )
        {
            (field, message) = (FieldNames.Snake(quoted[1].Split(' ')[^1]), Expected(quoted[1]));
        }

        return new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] };
    }

    private static (string Field, string Message) Explain(JsonException e)
    {
        var path = (e.Path ?? "$")
            .TrimStart('$')
            .TrimStart('.')
            .Replace("['", "", StringComparison.Ordinal)
            .Replace("']", "", StringComparison.Ordinal);
        if (UnknownRegex().Match(e.Message) is { Success: true } unknown)
        {
            return (Join(path, unknown.Groups["name"].Value), "is not a field of this request");
        }

        if (DuplicateRegex().Match(e.Message) is { Success: true } duplicate)
        {
            return (Join(path, duplicate.Groups["name"].Value), "is specified more than once");
        }

        if (MissingRegex().Match(e.Message) is { Success: true } missing)
        {
            return (Join(path, missing.Groups["name"].Value), "is required");
        }

        if (e.Message.StartsWith(Rfc3339.Expected, StringComparison.Ordinal))
        {
            return (path, Rfc3339.Expected);
        }

        if (
            e.Message.Contains("does not allow null", StringComparison.Ordinal)
            || e.Message.Contains("null values", StringComparison.Ordinal)
        )
        {
            return (
                path.Length > 0 ? path
                : NamedRegex().Match(e.Message) is { Success: true } named ? named.Groups["name"].Value
                : "body",
                "must not be null"
            );
        }

        // The reader's exception type is not public.
        if (
            e.GetBaseException() is JsonException syntax
            && syntax.GetType() != typeof(JsonException)
            && e is { LineNumber: { } line, BytePositionInLine: { } position }
        )
        {
            var isDeep = syntax.Message.Contains("depth", StringComparison.Ordinal);
            return (
                path.Length == 0 ? "body" : path,
                isDeep ? "is nested too deeply" : $"is not valid JSON at line {line + 1}, byte {position + 1}"
            );
        }

        return path.Length == 0 ? ("body", "must be a JSON object") : (path, Expected(e.Message));
    }

    /// <summary>The expected value, by the type in a binding error.</summary>
    private static string Expected(string error)
    {
        if (
            EnumRegex().Match(error) is { Success: true } named
            && typeof(WombatException).Assembly.GetType(named.Value) is { IsEnum: true } words
        )
        {
            return "must be one of " + EnumQuery.OneOf(words);
        }

        return TypeRegex().Match(error).Value switch
        {
            "Int32" or "Int64" or "Int16" or "int" or "long" => "must be a whole number",
            "Boolean" or "bool" => "must be true or false",
            "Guid" => "must be a UUID",
            "DateTimeOffset" => Rfc3339.Expected,
            "String[]" => "must be a list of texts",
            "String" => "must be text",
            _ => "has the wrong type",
        };
    }

    private static string Join(string path, string name) =>
        path.Length == 0 || path == name || path.EndsWith("." + name, StringComparison.Ordinal)
            ? (path.Length == 0 ? name : path)
            : $"{path}.{name}";

    [GeneratedRegex(
        "The JSON property '(?<name>[^']*)' could not be mapped",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex UnknownRegex();

    [GeneratedRegex("[Dd]uplicate property '(?<name>[^']*)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DuplicateRegex();

    [GeneratedRegex(
        "missing required properties[^:]*: '(?<name>[^']*)'",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex MissingRegex();

    [GeneratedRegex(@"Wombat\.Domain\.[A-Za-z.]+[A-Za-z]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnumRegex();

    [GeneratedRegex(
        @"\b(Int32|Int64|Int16|int|long|Boolean|bool|Guid|DateTimeOffset|String\[\]|String)(?=\W|$)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex TypeRegex();

    [GeneratedRegex("'(?<name>[a-z_]+)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedRegex();
}

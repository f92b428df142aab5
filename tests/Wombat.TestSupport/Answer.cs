using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>An HTTP response with its whole body.</summary>
public sealed record Answer(
    HttpStatusCode Status,
    string Text,
    string? Location,
    string? ETag,
    string? ContentType,
    HttpResponseHeaders Headers
)
{
    /// <summary>Null for an empty answer, and for one that is no JSON.</summary>
    public JsonNode? Body => Text.Length == 0 || ContentType == "application/yaml" ? null : JsonNode.Parse(Text);

    public string? Code => (string?)Body?["code"];

    /// <summary>The cookie that a browser would send after this response.</summary>
    public string Cookie(string name) =>
        Headers.GetValues("Set-Cookie").First(c => c.StartsWith(name + "=", StringComparison.Ordinal)).Split(';')[0];

    public IEnumerable<string> ErrorFields => Body?["errors"]?.AsObject().Select(e => e.Key) ?? [];

    public static async Task<Answer> OfAsync(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.Location?.ToString(),
            response.Headers.ETag?.ToString(),
            response.Content.Headers.ContentType?.MediaType,
            response.Headers
        );

    public override string ToString() => $"{(int)Status} {Text}";
}

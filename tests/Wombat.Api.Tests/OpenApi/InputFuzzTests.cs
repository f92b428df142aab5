using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.OpenApi;

/// <summary>Every parameter and field of the OpenAPI document with unusual values: never a 500.</summary>
public sealed class InputFuzzTests
{
    private static readonly string[] Texts =
    [
        "",
        " ",
        "\0",
        "a\0b",
        "%00",
        "-1",
        "0",
        "9999999999999999999999",
        "1e999",
        "NaN",
        "null",
        "true",
        "[]",
        "';drop table users;--",
        "$(reboot)",
        "../../etc/passwd",
        "\r\nX: y",
        "\u202e",
        "a,b",
        "%",
        "\\",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-13-45",
        "00000000-0000-0000-0000-000000000000",
        new('x', 5000),
        string.Concat(Enumerable.Repeat("💥", 300)),
    ];

    // As JSON.
    private static readonly string[] Values =
    [
        "null",
        "true",
        "1",
        "-1",
        "1.5",
        "1e308",
        "100000000000000000000000000000",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "[]",
        "{}",
        "[null]",
        "[\"\\u0000\"]",
        "[1]",
        "{\"a\":1}",
        "\"null\"",
        "\"2026-99-99\"",
        "\"0001-01-01T00:00:00Z\"",
        $"\"{new string('x', 70_000)}\"",
        $"\"{string.Concat(Enumerable.Repeat("💥", 2000))}\"",
        string.Concat(Enumerable.Repeat("[", 200)),
    ];

    private TestServer server = null!;
    private Dictionary<string, string> ids = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(
            new Dictionary<string, string> { ["RATE_LIMIT_REQUESTS_PER_SECOND"] = "0", ["RATE_LIMIT_FAILURES_PER_SECOND"] = "0" },
            cli: """echo '{"id":"1","status":"running"}'"""
        );
        var project = await server.Client.CreateProjectAsync();
        var (container, job) = await server.Client.CreateContainerAsync(project);
        ids = new(StringComparer.Ordinal)
        {
            ["projects"] = project,
            ["users"] = await server.Client.CreateUserAsync(),
            ["jobs"] = job.Split('/')[^1],
            ["cid"] = container.Split('/')[^1],
        };
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCaseSource(nameof(Operations))]
    public async Task Operation_WithAnyInput_NeverReturns500(string id)
    {
        var (_, method, template, operation) = OpenApiDocument.Operations.Single(o => o.Id == id);
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Calls(template, operation),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (call, _) =>
            {
                var answer = await AskAsync(method, call.Path, call.Body);
                if ((int?)answer?.Status >= 500 && answer.Code is not "directory_not_configured" and not "oidc_not_configured")
                {
                    wrong.Enqueue($"{call.Path} {call.Body?[..Math.Min(call.Body.Length, 200)]}: {answer}");
                }
            }
        );
        Assert.That(wrong, Is.Empty);
    }

    // Null for a stream, which does not end.
    private async Task<Answer?> AskAsync(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path)
        {
            Content = body is null ? null : WombatClient.Json(body),
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using var response = await server.Client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? null : await Answer.OfAsync(response);
    }

    private static IEnumerable<string> Operations() => OpenApiDocument.Operations.Select(o => o.Id);

    private IEnumerable<(string Path, string? Body)> Calls(string template, JsonNode operation)
    {
        var path = Known(template);
        var schema = operation["requestBody"]?["content"]?["application/json"]?["schema"];
        var body = schema is null ? null : Sample(schema);
        foreach (
            var parameter in (operation["parameters"]?.AsArray() ?? []).Where(p =>
                (string)p!["in"]! is "query" or "path" && (string)p["name"]! != "follow"
            )
        )
        {
            var name = (string)parameter!["name"]!;
            foreach (var text in Texts)
            {
                var value = Uri.EscapeDataString(text);
                yield return (
                    (string)parameter["in"]! == "query"
                        ? $"{path}?{name}={value}"
                        : Known(
                            template.Replace(
                                $"{{{name}}}",
                                value.Length == 0 ? "%20" : value.Replace(".", "%2E", StringComparison.Ordinal),
                                StringComparison.Ordinal
                            )
                        ),
                    body?.ToJsonString()
                );
            }
        }

        foreach (var field in (body as JsonObject)?.Select(f => f.Key) ?? [])
        {
            foreach (var value in Values)
            {
                var others = string.Concat(
                    body!.AsObject().Where(f => f.Key != field).Select(f => $",\"{f.Key}\":{f.Value?.ToJsonString() ?? "null"}")
                );
                yield return (path, $"{{\"{field}\":{value}{others}}}");
            }
        }
    }

    private string Known(string template)
    {
        var path = ids.Where(i => template.Contains($"/{i.Key}/{{id}}", StringComparison.Ordinal))
            .Aggregate(template, (p, i) => p.Replace("{id}", i.Value, StringComparison.Ordinal));
        return path.Replace("{cid}", ids["cid"], StringComparison.Ordinal)
            .Replace("{user_id}", ids["users"], StringComparison.Ordinal)
            .Replace("{key_id}", ids["jobs"], StringComparison.Ordinal)
            .Replace("{token_id}", ids["jobs"], StringComparison.Ordinal);
    }

    private static JsonNode? Sample(JsonNode schema)
    {
        var one = Resolve(schema);
        return one switch
        {
            _ when one["enum"] is { } words => words[0]!.DeepClone(),
            _ when one["properties"] is JsonObject fields => new JsonObject(
                fields.Select(f => KeyValuePair.Create(f.Key, Sample(f.Value!)))
            ),
            _ => (string?)one["type"] switch
            {
                "array" => new JsonArray(Sample(one["items"]!)),
                "integer" => 1,
                "boolean" => false,
                "object" => new JsonObject(),
                _ => (string?)one["format"] switch
                {
                    "uuid" => Guid.Empty.ToString(),
                    "date-time" => "2030-01-01T00:00:00Z",
                    _ => "abc-def",
                },
            },
        };
    }

    private static JsonNode Resolve(JsonNode schema) =>
        schema["$ref"] is { } reference ? Resolve(OpenApiDocument.Schema((string)reference!))
        : schema["allOf"] is JsonArray all ? Resolve(all[0]!)
        : schema;
}

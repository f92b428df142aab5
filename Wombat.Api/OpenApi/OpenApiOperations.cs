using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Endpoints;
using Wombat.Api.Http;
using Wombat.Application.Common;
using Wombat.Application.Jobs;

namespace Wombat.Api.OpenApi;

/// <summary>What operations say besides their bodies: the headers that they take and give, and whether they need a credential.</summary>
internal static class OpenApiOperations
{
    private const string Accepted = "The answer is 202 with the job that does the work: its id is in job_id and in Location.";

    public static Task Transform(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [];
        }

        Describe(operation, context, metadata);
        if (metadata.OfType<AcceptsIdempotencyKeyAttribute>().Any())
        {
            Take(
                operation,
                "Idempotency-Key",
                "A request that is sent again with the same key within a day gets the first answer and changes nothing."
            );
        }

        // Without an id there is no ETag: an import has its plan_id.
        if (operation.Responses?.ContainsKey("412") == true && context.Description.RelativePath!.Contains('{', StringComparison.Ordinal))
        {
            Take(operation, "If-Match", "The ETag that was read; 412 if the resource has changed since.");
        }

        if (operation.RequestBody is not null && operation.Responses is { } failures)
        {
            failures["413"] = Failure("The body is larger than 1 MiB.", failures["400"]);
            failures["415"] = Failure("The body is not JSON in UTF-8, or is compressed.", failures["400"]);
        }

        var versioned = context
            .Description.SupportedResponseTypes.Where(r => typeof(IVersioned).IsAssignableFrom(r.Type))
            .Select(r => r.StatusCode)
            .ToHashSet();
        if (context.Description.HttpMethod == "GET" && versioned.Contains(StatusCodes.Status200OK))
        {
            Take(operation, "If-None-Match", "The ETag of an earlier answer; 304 where it is still the same.");
            operation.Responses!["304"] = new OpenApiResponse
            {
                Description = "The answer is the one that the ETag in If-None-Match names.",
            };
        }

        foreach (var (code, response) in operation.Responses ?? [])
        {
            foreach (var (name, description) in Given(int.Parse(code, CultureInfo.InvariantCulture), versioned))
            {
                Give((OpenApiResponse)response, name, description);
            }
        }

        return Task.CompletedTask;
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata)
    {
        var id = operation.OperationId!;
        if (operation.Responses?.ContainsKey("202") == true)
        {
            operation.Description = $"{operation.Description} {Accepted}".TrimStart();
        }

        var jobKinds = context.ApplicationServices.GetRequiredService<JobKinds>();
        var sorts = metadata.OfType<SortsMetadata>().FirstOrDefault();
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name == "sort" && sorts is not null)
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = $"^-?({string.Join('|', sorts.Keys)})$" };
            }

            OpenApiParameters.Describe(parameter, id, "/" + context.Description.RelativePath, context.Document!, jobKinds);
        }

        foreach (var type in metadata.OfType<StreamsMetadata>().SelectMany(s => s.Types))
        {
            // An endpoint that only streams declares what each message is.
            ((OpenApiResponse)operation.Responses!["200"]).Content!.TryAdd(type, new OpenApiMediaType { Schema = Text() });
        }

        if (metadata.OfType<StreamsMetadata>().Any())
        {
            Take(operation, "Last-Event-ID", "For text/event-stream: the last id that was received; the stream goes on after it.");
        }

        if (id == "EndProviderSessions")
        {
            // Read by hand: it is the only form.
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/x-www-form-urlencoded"] = new()
                    {
                        Schema = new OpenApiSchema
                        {
                            Type = JsonSchemaType.Object,
                            Required = new HashSet<string>(["logout_token"], StringComparer.Ordinal),
                            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["logout_token"] = Text() },
                        },
                    },
                },
            };
        }
    }

    private static OpenApiResponse Failure(string description, IOpenApiResponse like) =>
        new() { Description = description, Content = like.Content };

    private static IEnumerable<(string Name, string Description)> Given(int code, HashSet<int> versioned)
    {
        if (code is 200 or 201 && versioned.Contains(code))
        {
            yield return ("ETag", "Identifies this answer, for If-Match and If-None-Match.");
        }

        if (code is 201 or 202)
        {
            yield return ("Location", code == 201 ? "The path of what was created." : "The path of the job.");
        }

        if (code is 429 or 503)
        {
            yield return ("Retry-After", "Seconds to wait before the next attempt.");
        }
    }

    private static void Take(OpenApiOperation operation, string name, string description) =>
        (operation.Parameters ??= []).Add(
            new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Header,
                Description = description,
                Schema = Text(),
            }
        );

    private static void Give(OpenApiResponse response, string name, string description) =>
        (response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal))[name] = new OpenApiHeader
        {
            Description = description,
            Schema = Text(),
        };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}

using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Endpoints;
using Wombat.Application.Common;

namespace Wombat.Api.Hosting;

/// <summary>What operations say besides their bodies: the headers that they take and give, and whether they need a credential.</summary>
internal static class OpenApiOperations
{
    public static Task Transform(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [];
        }

        if (metadata.OfType<RepeatableAttribute>().Any())
        {
            Take(operation, "Idempotency-Key", "Sent again with the same key, the request is answered as the first time and changes nothing. Kept for a day.");
        }

        if (operation.Responses?.ContainsKey("412") == true)
        {
            Take(operation, "If-Match", "The ETag of what was read; 412 where it has been changed since.");
        }

        var versioned = context.Description.SupportedResponseTypes.Where(r => typeof(IVersioned).IsAssignableFrom(r.Type)).Select(r => r.StatusCode).ToHashSet();
        foreach (var (code, response) in operation.Responses ?? [])
        {
            foreach (var (name, description) in Given(int.Parse(code, CultureInfo.InvariantCulture), versioned))
            {
                Give((OpenApiResponse)response, name, description);
            }
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<(string Name, string Description)> Given(int code, HashSet<int> versioned)
    {
        if (code is 200 or 201 && versioned.Contains(code))
        {
            yield return ("ETag", "For If-Match.");
        }

        if (code is 201 or 202)
        {
            yield return ("Location", code == 201 ? "Where it is." : "The job that does it.");
        }

        if (code is 429 or 503)
        {
            yield return ("Retry-After", "Seconds.");
        }
    }

    private static void Take(OpenApiOperation operation, string name, string description) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = description, Schema = Text() });

    private static void Give(OpenApiResponse response, string name, string description) =>
        (response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal))[name] = new OpenApiHeader { Description = description, Schema = Text() };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}

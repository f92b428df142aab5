using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Endpoints;

namespace Wombat.Api.Hosting;

/// <summary>The OpenAPI 3.0 document: what clients are generated from.</summary>
internal static class OpenApi
{
    private const string SchemeName = "bearer";

    public static IServiceCollection AddWombatOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        // 3.0: the generated TypeScript lacks the enums of a 3.1 document.
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Wombat", Version = "v1", Description = "Projects, and what a team gets from them." };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[SchemeName] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeName, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(UnwrapOptional);
        options.AddSchemaTransformer(NameTypes);
        options.CreateSchemaReferenceId = type => type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(Optional<>) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
    });

    /// <summary>Every endpoint may answer these.</summary>
    public static RouteGroupBuilder WithEveryEndpointsFailures(this RouteGroupBuilder group)
    {
        foreach (var status in new[] { 400, 401, 403, 503 })
        {
            group.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
        }

        return group;
    }

    // What converters of ours write as text is text to a client.
    private static Task NameTypes(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(DateTimeOffset) || type.IsEnum)
        {
            var nullable = type != context.JsonTypeInfo.Type;
            schema.Type = nullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        }

        return Task.CompletedTask;
    }

    private static async Task UnwrapOptional(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = context.JsonTypeInfo.Type;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Optional<>))
        {
            return;
        }

        var inner = type.GenericTypeArguments[0];
        var plain = await context.GetOrCreateSchemaAsync(Nullable.GetUnderlyingType(inner) ?? inner, null, cancel);
        schema.Type = (plain.Type ?? JsonSchemaType.String) | JsonSchemaType.Null;
        schema.Description = null;
        schema.Items = plain.Items;
        schema.Enum = plain.Enum is { Count: > 0 } words ? [.. words.Where(w => w is not null)] : null;
        schema.Properties = null;
        schema.Required = null;
        schema.Default = (JsonNode?)null;
    }
}

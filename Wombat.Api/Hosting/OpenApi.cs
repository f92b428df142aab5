using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Endpoints;

namespace Wombat.Api.Hosting;

/// <summary>The OpenAPI 3.0 document: what clients are generated from.</summary>
internal static class OpenApi
{
    private const string Bearer = "bearer";
    private const string Session = "session";

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
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Components.SecuritySchemes[Session] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = SessionCookie.Session, Description = "Opened by POST /api/v1/session. Behind TLS its name begins with __Host-. Unsafe requests also carry its csrf_token in X-CSRF-Token.",
            };
            document.Security = [.. new[] { Bearer, Session }.Select(s => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(s, document)] = [] })];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(UnwrapOptional);
        options.AddSchemaTransformer(NameTypes);
        options.AddSchemaTransformer(RequireFields);
        options.AddSchemaTransformer(DescribeProblem);
        options.AddOperationTransformer(OpenApiOperations.Transform);
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

    // An answer has all of its fields but those that it leaves out when null; a request needs those that say so.
    private static Task RequireFields(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = context.JsonTypeInfo;
        if (type.Kind != JsonTypeInfoKind.Object || schema.Properties is null || type.Type == typeof(ProblemDetails))
        {
            return Task.CompletedTask;
        }

        var isRequest = type.Type.Namespace == typeof(SessionEndpoints).Namespace;
        var required = type.Properties.Where(p => schema.Properties.ContainsKey(p.Name) && (IsMarked(p) || !isRequest && p.ShouldSerialize is null)).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        schema.Required = required.Count > 0 ? required : null;
        foreach (var property in type.Properties.Where(IsMarked))
        {
            if (schema.Properties.TryGetValue(property.Name, out var field) && field is OpenApiSchema { Type: { } kind } plain)
            {
                plain.Type = kind & ~JsonSchemaType.Null;
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsMarked(JsonPropertyInfo property) => property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true;

    private static Task DescribeProblem(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (context.JsonTypeInfo.Type == typeof(ProblemDetails) && schema.Properties is { } fields)
        {
            fields["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable; for programs." };
            fields["trace_id"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "By which Wombat's log knows the request." };
            fields["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object, Description = "What is wrong with each field, by its JSON name.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
            schema.Required = new HashSet<string>(["status", "code", "trace_id"], StringComparer.Ordinal);
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

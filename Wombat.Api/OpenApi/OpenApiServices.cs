using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Endpoints;
using Wombat.Application.Common;

namespace Wombat.Api.OpenApi;

/// <summary>The OpenAPI 3.0 document: what clients are generated from.</summary>
internal static class OpenApiServices
{
    public static IServiceCollection AddWombatOpenApi(this IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                // 3.0: the generated TypeScript lacks the enums of a 3.1 document.
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
                options.AddSchemaTransformer(UnwrapOptional);
                options.AddSchemaTransformer(NameTypes);
                options.AddSchemaTransformer(RequireFields);
                options.AddSchemaTransformer(DescribeProblem);
                options.AddSchemaTransformer(DescribeItems);
                options.AddOperationTransformer(OpenApiOperations.Transform);
                options.AddDocumentTransformer(OpenApiDocuments.Transform);
                options.CreateSchemaReferenceId = type =>
                    type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(Optional<>)
                        ? null
                        : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            }
        );

    /// <summary>Every endpoint may answer these.</summary>
    public static RouteGroupBuilder WithEveryEndpointsFailures(this RouteGroupBuilder group)
    {
        foreach (var status in new[] { 400, 401, 403, 429, 503 })
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

        if (typeof(IEnumerable<DateTimeOffset>).IsAssignableFrom(type))
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
        }

        if (context.JsonPropertyInfo?.CustomConverter is AutoPortConverter)
        {
            schema.Type = JsonSchemaType.Integer | JsonSchemaType.Null;
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
        var required = type
            .Properties.Where(p => schema.Properties.ContainsKey(p.Name) && (IsMarked(p) || !isRequest && p.ShouldSerialize is null))
            .Select(p => p.Name)
            .ToHashSet(StringComparer.Ordinal);
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

    private static bool IsMarked(JsonPropertyInfo property) =>
        property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true;

    private static Task DescribeProblem(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (context.JsonTypeInfo.Type == typeof(ProblemDetails) && schema.Properties is { } fields)
        {
            fields["code"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "The kind of error, for programs; does not change between versions.",
            };
            fields["trace_id"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "The request's trace id; the server log has it too.",
            };
            fields["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "For 400: the messages of each field, by its JSON name.",
                AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            };
            schema.Description = "An error (RFC 9457).";
            schema.Required = new HashSet<string>(["status", "code", "trace_id"], StringComparer.Ordinal);
        }

        return Task.CompletedTask;
    }

    private static Task DescribeItems(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (
            context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(ItemsAttribute), inherit: false)
                is [ItemsAttribute items]
            && schema.Items is OpenApiSchema text
        )
        {
            (text.Pattern, text.MaxLength) = (items.Pattern, items.MaxLength);
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
        schema.Items = plain.Items;
        schema.Enum = plain.Enum is { Count: > 0 } words ? [.. words.Where(w => w is not null)] : null;
        schema.Properties = null;
        schema.Required = null;
        schema.Default = (JsonNode?)null;
        if (plain.Type?.HasFlag(JsonSchemaType.Array) == true)
        {
            (schema.MaxItems, schema.MaxLength) = (schema.MaxLength, null);
        }
    }
}

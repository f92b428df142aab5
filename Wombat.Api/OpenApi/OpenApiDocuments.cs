using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Endpoints;
using Wombat.Api.Http;
using Wombat.Application.Audit;
using Wombat.Application.Changes;
using Wombat.Application.Commands;
using Wombat.Application.Containers;
using Wombat.Application.Databases;
using Wombat.Application.Jobs;
using Wombat.Application.Projects;
using Wombat.Application.Resources;
using Wombat.Application.Users;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Api.OpenApi;

/// <summary>What concerns the OpenAPI document as a whole: its head, and schemas that are clear only beside others.</summary>
internal static class OpenApiDocuments
{
    private const string Bearer = "bearer";
    private const string Session = "session";

    // An operation has the tag of its noun.
    private static readonly (string Name, string Description)[] Tags =
    [
        ("Projects", "Projects, to which everything else belongs."),
        ("Members", "Users and their roles in projects."),
        ("Containers", "Containers of projects."),
        ("Jobs", "Work that takes time, and its logs."),
        ("Events", "What changed or was refused: the audit."),
        ("Users", "Users, their SSH keys and linked identities."),
        ("Sessions", "Signing in and out, sessions, passwords."),
        ("Tokens", "Access tokens of users and projects."),
        ("Plugins", "What provides the containers."),
    ];

    public static Task Transform(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Wombat",
            Version = typeof(OpenApiDocuments).Assembly.GetName().Version!.ToString(3),
            Description =
                "Self-service for teams: projects, their members and their containers. The conventions of all operations are in "
                + "docs/api.md.",
            License = new OpenApiLicense { Name = "Apache-2.0", Url = new Uri("https://www.apache.org/licenses/LICENSE-2.0") },
            Contact = new OpenApiContact { Name = "The maintainers of Wombat" },
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>(Tags.Select(t => new OpenApiTag { Name = t.Name, Description = t.Description }));
        document.Components ??= new OpenApiComponents();
        AddSecurity(document, document.Components);
        var schemas = document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        foreach (var schema in schemas.Values.OfType<OpenApiSchema>().ToList())
        {
            SimplifyNullable(schema);
        }

        CopyReadOnly(schemas, nameof(UpdateProjectBody), nameof(ProjectDto));
        CopyReadOnly(schemas, nameof(UpdateUserBody), nameof(UserDto));
        foreach (
            var (field, text) in new[]
            {
                ("before", "The target before the change."),
                ("after", "The target after the change, or what is to be said of the event."),
            }
        )
        {
            ((OpenApiSchema)schemas[nameof(EventDto)]).Properties![field] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object | JsonSchemaType.Null,
                AdditionalPropertiesAllowed = true,
                Description = text,
            };
        }

        NameItems(
            document,
            schemas,
            "ProjectAction",
            "What a caller may do with a project.",
            ProjectActions.Rules.Select(r => r.Name),
            nameof(ProjectDto),
            nameof(AcceptedProject)
        );
        NameItems(
            document,
            schemas,
            "ContainerAction",
            "What a caller may do with a container.",
            new ContainerKind().Actions.Select(r => r.Name),
            nameof(ContainerDto),
            nameof(AcceptedContainer)
        );
        NameItems(
            document,
            schemas,
            "DatabaseAction",
            "What a caller may do with a database.",
            new DatabaseKind().Actions.Select(r => r.Name),
            nameof(DatabaseDto),
            nameof(AcceptedDatabase)
        );
        NameItems(
            document,
            schemas,
            "JobAction",
            "What a caller may do with a job.",
            JobActions.Names,
            nameof(JobDto),
            nameof(AcceptedJob)
        );
        NameItems(document, schemas, "CommandAction", "What a caller may do with a command.", CommandActions.Names, nameof(CommandDto));
        NameItems(document, schemas, "RunAction", "What a caller may do with a run.", RunActions.Names, nameof(RunDto));
        NameItems(document, schemas, "ScheduleAction", "What a caller may do with a schedule.", ScheduleActions.Names, nameof(ScheduleDto));
        var kinds = context.ApplicationServices.GetRequiredService<ResourceKinds>().All;
        NameEnum(
            document,
            schemas,
            nameof(ErrorCode),
            "The kind of an error.",
            ErrorCode.All.Concat(kinds.Select(k => ErrorCode.NotFoundOf(k.Name))).Select(c => c.Name),
            nameof(ProblemDetails),
            "code"
        );
        NameEnum(
            document,
            schemas,
            nameof(EventAction),
            "What happened.",
            EventAction.All.Concat(kinds.SelectMany(k => EventAction.OfKind(k.Name, k.Operations.Select(o => o.Name)))).Select(a => a.Name),
            nameof(EventDto),
            "action"
        );
        NameEnum(
            document,
            schemas,
            "ChangeType",
            "What has changed.",
            ChangeMapper.Types.Concat(kinds.Select(k => k.Name)),
            nameof(ChangeDto),
            "type"
        );
        schemas.Remove("JsonElement");

        // An optional field may be null, not a value of its type.
        foreach (var schema in schemas.Values.OfType<OpenApiSchema>().Where(s => s.Enum is not null))
        {
            schema.Enum = [.. schema.Enum!.Where(v => v is not null)];
        }

        return Task.CompletedTask;
    }

    private static void AddSecurity(OpenApiDocument document, OpenApiComponents components)
    {
        components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A token of a user or of a project, or a signed token of a configured issuer.",
        };
        components.SecuritySchemes[Session] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = SessionCookie.Session,
            Description =
                "Opened by POST /api/v1/session. Behind TLS its name begins with __Host-. Requests that change something also "
                + "send its csrf_token in X-CSRF-Token.",
        };
        document.Security =
        [
            .. new[] { Bearer, Session }.Select(s => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(s, document)] = [],
            }),
        ];
    }

    // The framework writes a reference that may be null as one of null and the reference, which OpenAPI 3.0 does not know.
    private static void SimplifyNullable(OpenApiSchema schema)
    {
        foreach (var (name, field) in schema.Properties?.ToList() ?? [])
        {
            if (
                field is OpenApiSchema { OneOf: { Count: 2 } choices } plain
                && choices.OfType<OpenApiSchemaReference>().SingleOrDefault() is { } target
            )
            {
                schema.Properties![name] =
                    schema.Required?.Contains(name) == true && schema.AdditionalPropertiesAllowed == false
                        ? target
                        : new OpenApiSchema
                        {
                            Type = (target.Type ?? JsonSchemaType.Object) | JsonSchemaType.Null,
                            AllOf = [target],
                            Description = plain.Description,
                            Default = plain.Default,
                        };
            }
        }
    }

    // The server takes anything there and ignores it; a client sends what it has read.
    private static void CopyReadOnly(IDictionary<string, IOpenApiSchema> schemas, string body, string answer)
    {
        var (fields, read) = (((OpenApiSchema)schemas[body]).Properties!, ((OpenApiSchema)schemas[answer]).Properties!);
        foreach (
            var name in fields
                .Keys.Intersect(read.Keys, StringComparer.Ordinal)
                .Where(n => n is "id" or "version" or "created_at" or "updated_at" or "deleting_since" or "actions" or "has_password")
                .ToList()
        )
        {
            var copy = (OpenApiSchema)read[name].CreateShallowCopy();
            (copy.ReadOnly, fields[name]) = (true, copy);
        }
    }

    private static void NameEnum(
        OpenApiDocument document,
        IDictionary<string, IOpenApiSchema> schemas,
        string name,
        string description,
        IEnumerable<string> words,
        string owner,
        string field
    )
    {
        schemas[name] = EnumOf(description, words);
        ((OpenApiSchema)schemas[owner]).Properties![field] = new OpenApiSchemaReference(name, document);
    }

    private static OpenApiSchema EnumOf(string description, IEnumerable<string> words) =>
        new()
        {
            Type = JsonSchemaType.String,
            Description = description,
            Enum = [.. words.Select(w => (JsonNode)w)],
        };

    private static void NameItems(
        OpenApiDocument document,
        IDictionary<string, IOpenApiSchema> schemas,
        string name,
        string description,
        IEnumerable<string> words,
        params string[] owners
    )
    {
        schemas[name] = EnumOf(description, words);
        foreach (var owner in owners)
        {
            ((OpenApiSchema)((OpenApiSchema)schemas[owner]).Properties!["actions"]).Items = new OpenApiSchemaReference(name, document);
        }
    }
}

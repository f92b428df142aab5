using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Projects;
using Wombat.Domain.Users;

namespace Wombat.Api.OpenApi;

/// <summary>What the OpenAPI document says of parameters. Bounds are those that the validators use.</summary>
internal static class OpenApiParameters
{
    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        ["cid"] = "The container's id.",
        ["user_id"] = "The user's id.",
        ["token_id"] = "The token's id.",
        ["session_id"] = "The session's id.",
        ["key_id"] = "The key's id.",
        ["limit"] = "The most items that a page has.",
        ["cursor"] = "The next_cursor of the page before; it belongs to its order and filters.",
        ["sort"] = "The order; with - before the name descending.",
        ["include_total"] = "Whether the page says how many items there are in all.",
        ["project_id"] = "Only what belongs to this project.",
        ["resource_id"] = "Only the jobs of this resource, such as a container.",
        ["q"] = "Part of a name, in any case.",
        ["login"] = "Exactly this login.",
        ["unix_name"] = "Exactly this unix_name.",
        ["tag"] = "Only projects with this tag.",
        ["visibility"] = "Only projects of this visibility.",
        ["active"] = "Only those that are active, or only those that are not.",
        ["role"] = "Only users of this role on the platform.",
        ["template"] = "Only containers made from this template.",
        ["status"] = "Only those in one of these states, given several times or separated by commas.",
        ["kind"] = "Only jobs of this kind.",
        ["wait"] = "Answer when the job has ended, at the latest after this time: whole seconds such as 30s.",
        ["after"] = "Only lines after this number.",
        ["follow"] = "Plain text until the job has ended; the last line says how it ended.",
        ["action"] = "Only events of this action, such as container.requested.",
        ["actor"] = "Only events of the actor that had this name.",
        ["actor_id"] = "Only events of this user or token.",
        ["target_id"] = "Only events of this target.",
        ["from"] = "Only events at this time or later.",
        ["to"] = "Only events before this time.",
        ["cascade"] = "Also delete what the project holds.",
        ["keep_tokens"] = "Keep the project's tokens that the member created.",
        ["dry_run"] = "Only report what would change.",
        ["issuer"] = "The identity's issuer.",
        ["subject"] = "The identity's subject.",
        ["return_to"] = "The path of this site to which the browser returns.",
        ["code"] = "The provider's authorization code.",
        ["state"] = "The state of the sign-in.",
        ["error"] = "The provider's error, where there is no code.",
        ["iss"] = "The provider that answers (RFC 9207).",
    };

    public static void Describe(OpenApiParameter parameter, string operation, string path, OpenApiDocument document, JobKinds jobKinds)
    {
        var name = parameter.Name!;
        parameter.Description ??=
            name == "id"
                ? $"The {path.Split('/', StringSplitOptions.RemoveEmptyEntries)[2].TrimEnd('s')}'s id."
                : Descriptions.GetValueOrDefault(name);
        switch (name)
        {
            case "limit":
                Bound(
                    parameter,
                    1,
                    operation == "GetJobLog" ? GetJobLog.MaxLimit : PageRequest.MaxLimit,
                    operation == "GetJobLog" ? GetJobLog.DefaultLimit : PageRequest.DefaultLimit
                );
                break;
            case "sort" when SortNames.Of(operation) is { } sorts:
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = $"^-?({string.Join('|', sorts)})$" };
                break;
            case "status":
                parameter.Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchemaReference(operation == "ListJobs" ? nameof(JobState) : "ResourceStatus", document),
                };
                break;
            case "visibility":
                parameter.Schema = new OpenApiSchemaReference(nameof(Visibility), document);
                break;
            case "role":
                parameter.Schema = new OpenApiSchemaReference(nameof(PlatformRole), document);
                break;
            case "kind":
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. jobKinds.Names.Select(k => (JsonNode)k)] };
                break;
            case "wait":
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^([0-9]|[1-5][0-9]|60)s$" };
                parameter.Example = "30s";
                break;
            case "after":
                Bound(parameter, 0, null, 0);
                break;
            case "from" or "to" when operation == "ListEvents":
                parameter.Example = "2027-03-01T09:00:00Z";
                break;
            case "include_total" or "follow" or "cascade" or "dry_run" or "keep_tokens":
                ((OpenApiSchema)parameter.Schema!).Default = false;
                break;
            default:
                Limit(parameter, name, operation);
                break;
        }
    }

    private static void Limit(OpenApiParameter parameter, string name, string operation)
    {
        int? most = (name, operation) switch
        {
            ("q", "ListProjects") => Project.NameMax,
            ("q", "ListUsers") => User.FullNameMax,
            ("q", _) => Container.NameMax,
            ("login", _) => User.LoginMax,
            ("unix_name", _) => Project.UnixNameMax,
            ("tag", _) => Project.TagMax,
            ("template", _) => Container.TemplateMax,
            _ => null,
        };
        if (most is not null && parameter.Schema is OpenApiSchema schema)
        {
            schema.MaxLength = most;
        }
    }

    private static void Bound(OpenApiParameter parameter, int least, int? most, int usual)
    {
        var schema = (OpenApiSchema)parameter.Schema!;
        schema.Minimum = least.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = most?.ToString(CultureInfo.InvariantCulture);
        schema.Default = usual;
    }
}

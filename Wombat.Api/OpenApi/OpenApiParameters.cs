using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Wombat.Api.Live;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Domain.Audit;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;

namespace Wombat.Api.OpenApi;

/// <summary>What the OpenAPI document says of parameters. Limits are those of the validators.</summary>
internal static class OpenApiParameters
{
    private delegate void Shape(OpenApiParameter parameter, string operation, OpenApiDocument document);

    private static readonly Dictionary<string, (string Description, Shape? Shape)> Parameters = new(StringComparer.Ordinal)
    {
        ["cid"] = ("The container's id.", null),
        ["name"] = ("A name: exactly this one in a list, otherwise that of a tier, of a user of a database or of a snapshot.", null),
        ["tier"] = ("Only databases of this tier.", null),
        ["plugin"] = ("Only resources of this plugin instance.", null),
        ["format"] = ("How the connection is described.", null),
        ["user"] = ("A user of the database; its own user when absent.", null),
        ["user_id"] = ("The user's id.", null),
        ["token_id"] = ("The token's id.", null),
        ["session_id"] = ("The session's id.", null),
        ["key_id"] = ("The key's id.", null),
        ["limit"] = ("The maximum number of items in a page.", Limit),
        ["cursor"] = ("The next_cursor of the previous page. It is valid for the same sort order and filters only.", Cursor),
        ["sort"] = ("The sort order; a leading - sorts descending.", null),
        ["include_total"] = ("Whether the page has the total number of items.", FalseByDefault),
        ["project_id"] = ("Only what belongs to this project.", null),
        ["resource_id"] = ("Only the jobs of this resource, such as a container.", null),
        ["command_id"] = ("Only runs or schedules of this command.", null),
        ["schedule_id"] = ("Only runs that this schedule requested.", null),
        ["requested_by"] = ("Only what the user with this login requested.", (p, _, _) => MaxLength(p, User.LoginMax)),
        ["exit_code"] = ("Only runs whose program exited with this code.", null),
        ["parent_id"] = ("Only the runs of this run on several hosts. Without it they are left out, unless a host is named.", null),
        ["awaits_approval"] = ("Only runs that wait for a second person, which the caller is.", null),
        ["host"] = ("Only runs on the machine of this name.", (p, _, _) => MaxLength(p, HostIdentity.NameMax)),
        ["include_deleted"] = ("Whether deleted ones are listed, too; for admins.", FalseByDefault),
        ["q"] = ("Part of a name, in any case.", Search),
        ["login"] = ("Exactly this login.", (p, _, _) => MaxLength(p, User.LoginMax)),
        ["unix_name"] = ("Exactly this unix_name.", (p, _, _) => MaxLength(p, Project.UnixNameMax)),
        ["tag"] = ("Only projects with this tag.", (p, _, _) => MaxLength(p, Project.TagMax)),
        ["visibility"] = ("Only projects of this visibility.", EnumOf<Visibility>),
        ["member"] = ("With me, only projects of which the caller is a member.", Me),
        ["active"] = ("Only active ones, or only inactive ones.", null),
        ["role"] = ("Only users with this role on the platform.", EnumOf<PlatformRole>),
        ["template"] = ("Only containers created from this template.", (p, _, _) => MaxLength(p, Container.TemplateMax)),
        ["status"] = ("Only those in one of these states, repeated or separated by commas.", Statuses),
        ["kind"] = ("Only jobs of this kind.", null),
        ["wait"] = ("Answer when the job has ended, at the latest after this time: whole seconds such as 30s.", Wait),
        ["after"] = ("Only lines after this number.", (p, _, _) => Bound(p, 0, null, 0)),
        ["before"] = ("Only the last lines before this number.", (p, _, _) => Bound(p, 1, null, null)),
        ["speed"] = (
            "Replay the stored lines this many times as fast as they were written.",
            (p, _, _) => Bound(p, LogReplay.MinSpeed, LogReplay.MaxSpeed, null)
        ),
        ["max_pause"] = (
            "The longest pause of a replay between two lines, in seconds.",
            (p, _, _) => Bound(p, 0, LogReplay.MaxPauseSeconds, null)
        ),
        ["tail"] = ("Only this many of the last lines; a stream starts with them.", (p, _, _) => Bound(p, 1, GetJobLog.MaxLimit, null)),
        ["follow"] = ("Plain text until the job has ended; the last line says how it ended.", FalseByDefault),
        ["action"] = ("Only events of this action.", EnumOf<EventAction>),
        ["actor"] = ("Only events of the actor who had this name.", null),
        ["actor_id"] = ("Only events of this user or token.", null),
        ["target_id"] = ("Only events of this target.", null),
        ["from"] = ("Only what happened or was requested at this time or later.", From),
        ["to"] = ("Only what happened or was requested before this time.", To),
        ["direction"] = ("The direction of the search.", Direction),
        ["case_sensitive"] = ("Whether upper and lower case differ.", FalseByDefault),
        ["first_error"] = ("Find the first line that tells of an error, instead of a text.", FalseByDefault),
        ["stream"] = ("Only lines of these streams, repeated or separated by commas.", Streams),
        ["context"] = (
            "How many lines before and after each line are answered with it.",
            (p, _, _) => Bound(p, 0, SearchJobLog.ContextMax, 0)
        ),
        ["cascade"] = ("Also delete what the project contains.", FalseByDefault),
        ["keep_tokens"] = ("Keep the project's tokens that the member created.", FalseByDefault),
        ["minutes"] = (
            "How far back, in minutes.",
            (p, _, _) => Bound(p, 1, ListContainerMetrics.MinutesMax, ListContainerMetrics.DefaultMinutes)
        ),
        ["rows"] = ("The rows of the terminal.", (p, _, _) => Bound(p, ConsoleSize.Min, ConsoleSize.Max, ConsoleSize.DefaultRows)),
        ["columns"] = ("The columns of the terminal.", (p, _, _) => Bound(p, ConsoleSize.Min, ConsoleSize.Max, ConsoleSize.DefaultColumns)),
        ["dry_run"] = ("Only report what would change.", FalseByDefault),
        ["issuer"] = ("The identity's issuer.", null),
        ["subject"] = ("The identity's subject.", null),
        ["return_to"] = ("The path of this site to which the browser returns.", null),
        ["code"] = ("The provider's authorization code.", null),
        ["state"] = ("The state of the sign-in.", null),
        ["error"] = ("The provider's error, where there is no code.", null),
        ["iss"] = ("The provider that answers (RFC 9207).", null),
    };

    public static void Describe(OpenApiParameter parameter, string operation, string path, OpenApiDocument document, JobKinds kinds)
    {
        var name = parameter.Name!;
        var (description, shape) = Parameters.GetValueOrDefault(name);
        parameter.Description ??=
            name == "id" ? $"The {path.Split('/', StringSplitOptions.RemoveEmptyEntries)[2].TrimEnd('s')}'s id." : description;
        shape?.Invoke(parameter, operation, document);
        if (name == "kind")
        {
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. kinds.Names.Select(k => (JsonNode)k)] };
        }
    }

    private static void Search(OpenApiParameter parameter, string operation, OpenApiDocument document)
    {
        if (operation == "SearchJobLog")
        {
            parameter.Description = "The text that lines contain. Required, unless first_error or stream is given.";
        }
        else if (operation == "SearchRuns")
        {
            parameter.Description = "The text that lines contain.";
            parameter.Required = true;
        }

        MaxLength(parameter, MaxOfSearch(operation));
    }

    private static void From(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        LineOrTime(
            parameter,
            operation,
            "The line to begin with; when absent, the first one, or the last one in a search backward.",
            "The begin; now when absent."
        );

    private static void To(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        LineOrTime(parameter, operation, "The line to end with.", "The end, which is not in it; a week after the begin when absent.");

    private static void LineOrTime(OpenApiParameter parameter, string operation, string descriptionOfLine, string descriptionOfFire)
    {
        if (operation == "SearchJobLog")
        {
            parameter.Description = descriptionOfLine;
            Bound(parameter, 1, null, null);
        }
        else
        {
            parameter.Example = "2027-03-01T09:00:00Z";
            parameter.Description = operation == "ListFires" ? descriptionOfFire : parameter.Description;
        }
    }

    private static void Me(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["me"] };

    private static void Direction(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        parameter.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. Enum.GetNames<SearchDirection>().Select(n => (JsonNode)FieldNames.Snake(n))],
            Default = FieldNames.Snake(nameof(SearchDirection.Forward)),
        };

    private static void Streams(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        parameter.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchemaReference(nameof(LogStream), document),
        };

    private static void Limit(OpenApiParameter parameter, string operation, OpenApiDocument document)
    {
        if (operation == "SearchJobLog")
        {
            Bound(parameter, 0, SearchJobLog.MaxLimit, SearchJobLog.DefaultLimit);
            return;
        }

        var (max, usual) =
            operation == "GetJobLog" ? (GetJobLog.MaxLimit, GetJobLog.DefaultLimit) : (PageRequest.MaxLimit, PageRequest.DefaultLimit);
        Bound(parameter, 1, max, usual);
    }

    private static void Cursor(OpenApiParameter parameter, string operation, OpenApiDocument document)
    {
        if (operation == "FollowChanges")
        {
            parameter.Description = "The position to continue after; without it, and without Last-Event-ID, the newest.";
        }
    }

    private static void Statuses(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        parameter.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchemaReference(
                operation is "ListJobs" or "ListRuns" or "SearchRuns" ? nameof(JobState) : nameof(ResourceStatus),
                document
            ),
        };

    private static void Wait(OpenApiParameter parameter, string operation, OpenApiDocument document)
    {
        parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^([0-9]|[1-5][0-9]|60)s$" };
        parameter.Example = "30s";
    }

    private static void EnumOf<T>(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        parameter.Schema = new OpenApiSchemaReference(typeof(T).Name, document);

    private static void FalseByDefault(OpenApiParameter parameter, string operation, OpenApiDocument document) =>
        ((OpenApiSchema)parameter.Schema!).Default = false;

    private static int MaxOfSearch(string operation) =>
        operation switch
        {
            "ListProjects" => Project.NameMax,
            "ListUsers" => User.FullNameMax,
            "SearchJobLog" or "SearchRuns" => SearchJobLog.TextMax,
            _ => Container.NameMax,
        };

    private static void MaxLength(OpenApiParameter parameter, int most) => ((OpenApiSchema)parameter.Schema!).MaxLength = most;

    private static void Bound(OpenApiParameter parameter, double least, double? most, int? usual)
    {
        var schema = (OpenApiSchema)parameter.Schema!;
        schema.Minimum = least.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = most?.ToString(CultureInfo.InvariantCulture);
        schema.Default = usual;
    }
}

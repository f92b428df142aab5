using System.Text.Json;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Projects;

namespace Wombat.Application.Changes;

/// <summary>Says which objects an event has changed.</summary>
public sealed class ChangeMapper(ResourceKinds kinds, JobKinds jobKinds)
{
    public const string Job = "job";
    public const string Project = "project";
    public const string User = "user";

    /// <summary>The types besides the resource kinds.</summary>
    public static readonly IReadOnlyList<string> Types =
    [
        "budget",
        "command",
        "host",
        Job,
        "member",
        "orphan",
        Project,
        "run",
        "schedule",
        "session",
        "tier",
        "token",
        User,
        "workspace",
    ];

    private readonly Dictionary<string, Permission> readers = kinds.All.ToDictionary(
        k => k.Name,
        k => k.Permissions.Read,
        StringComparer.Ordinal
    );

    /// <summary>The resource kinds of this process.</summary>
    public IReadOnlyCollection<string> ResourceTypes => readers.Keys;

    /// <summary>The change of an unfinished job, which has no event.</summary>
    public static Change OfJob(Guid id, Guid? project) => new(null, Job, id, project, Permission.JobRead);

    /// <summary>Empty for an event that changed no object, such as a refused request.</summary>
    public IEnumerable<Change> Map(EventDto one)
    {
        var noun = one.Action[..Math.Max(0, one.Action.IndexOf('.', StringComparison.Ordinal))];
        switch (noun)
        {
            case "project":
                yield return OfProject(one);
                break;
            case "budget":
                yield return new Change(one.Position, noun, one.TargetId, one.ProjectId, Permission.BudgetRead);
                break;
            case "member":
                yield return new Change(one.Position, noun, one.TargetId, one.ProjectId, Permission.MemberRead) { LostBy = [one.TargetId] };
                break;
            case "token" when one.TargetType == Project:
                yield return new Change(one.Position, noun, IdIn(one, "id"), one.ProjectId, Permission.ProjectTokenManage);
                break;
            case "token" when one.TargetType == User:
                yield return OfAccount(one, noun, IdIn(one, "id"));
                break;
            case "session":
                yield return OfAccount(one, noun, IdIn(one, "session_id"));
                break;
            case "user" or "ssh_key" or "identity":
                yield return OfAccount(one, User, one.TargetId);
                break;
            case "job":
                yield return OfJob(one);
                break;
            case "command" or "run" or "schedule":
                yield return new Change(one.Position, noun, one.TargetId, one.ProjectId, Permission.CommandRead);
                break;
            case "workspace":
                yield return new Change(one.Position, noun, one.TargetId, one.ProjectId, Permission.WorkspaceRead);
                break;
            case "host":
                yield return new Change(one.Position, noun, one.TargetId, one.ProjectId, Permission.HostRead);
                break;
            case "tier":
                yield return new Change(one.Position, noun, null, null, Permission.TierRead);
                break;
            case "orphan":
                yield return new Change(one.Position, noun, one.TargetType == noun ? one.TargetId : null, null, Permission.OrphanRead);
                break;
        }

        if (readers.TryGetValue(one.TargetType, out var permission) && noun != "request")
        {
            yield return new Change(one.Position, one.TargetType, one.TargetId, one.ProjectId, permission);
        }
    }

    private static Change OfAccount(EventDto one, string type, Guid? id) =>
        new(one.Position, type, id, null, Permission.AccountRead, one.TargetId);

    private static Change OfProject(EventDto one) =>
        new(one.Position, Project, one.TargetId, one.ProjectId, Permission.ProjectRead)
        {
            LostBy = Field(one.After, "members") is { ValueKind: JsonValueKind.Array } members
                ? [.. members.EnumerateArray().Select(m => m.GetProperty("user_id").GetGuid())]
                : [],
            VisibilityBefore = (Field(one.Before, "visibility") ?? Field(one.After, "visibility"))?.Deserialize<Visibility>(
                WombatJson.Options
            ),
        };

    // Who requested the deletion of a project may follow that job to its end, when the project is gone.
    private Change OfJob(EventDto one) =>
        new(one.Position, Job, one.TargetId, one.ProjectId, Permission.JobRead)
        {
            LostBy =
                one.ActorId is { } requester && Field(one.After, "kind")?.GetString() is { } kind && jobKinds.OutlivesProject(kind)
                    ? [requester]
                    : [],
        };

    private static Guid? IdIn(EventDto one, string field) =>
        (Field(one.After, field) ?? Field(one.Before, field)) is { } id && id.TryGetGuid(out var parsed) ? parsed : null;

    private static JsonElement? Field(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } fields && fields.TryGetProperty(name, out var field) ? field : null;
}

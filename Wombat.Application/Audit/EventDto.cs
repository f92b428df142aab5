using System.Text.Json;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Members;

namespace Wombat.Application.Audit;

/// <summary>A change, or a request that was refused or failed.</summary>
/// <param name="Position">The place in the order of all events.</param>
/// <param name="Actor">The actor's name at that time.</param>
/// <param name="ActorId">The user or the project's token; null for the system and the bootstrap admin token.</param>
/// <param name="Through">The kind of credential, or job.</param>
/// <param name="Action">What happened, such as container.requested.</param>
/// <param name="TargetType">The kind of thing that it happened to.</param>
/// <param name="TargetId">The id of the thing that it happened to.</param>
/// <param name="ProjectId">The project that it belongs to.</param>
/// <param name="Outcome">success, failure or refused.</param>
/// <param name="RequestId">The trace id of the request.</param>
/// <param name="Address">The caller's IP address.</param>
public sealed record EventDto(
    long Position,
    Guid Id,
    DateTimeOffset At,
    string Actor,
    Guid? ActorId,
    string Through,
    string Action,
    string TargetType,
    Guid TargetId,
    Guid? ProjectId,
    string Outcome,
    string? RequestId,
    string? ClientTraceId,
    string? Address,
    JsonElement? Before,
    JsonElement? After
)
{
    /// <summary>Mapped by hand, because the JSON columns are parsed.</summary>
    public static EventDto From(long position, Event e) =>
        new(
            position,
            e.Id,
            e.At,
            e.Actor,
            e.ActorId,
            e.Through,
            e.Action,
            e.TargetType,
            e.TargetId,
            e.ProjectId,
            e.Outcome,
            e.RequestId,
            e.ClientTraceId,
            e.Address,
            Parse(e.Before),
            Parse(e.After)
        );

    /// <summary>
    /// The event for a reader with this access to its project. Addresses and the details of tokens and refusals are for managers.
    /// </summary>
    public EventDto For(ProjectAccess reader) =>
        reader.Role == ProjectRole.ProjectManager
            ? this
            : this with
            {
                Address = null,
                Before = IsForManagers ? null : Before,
                After = IsForManagers ? null : After,
            };

    private bool IsForManagers =>
        Action.StartsWith("token.", StringComparison.Ordinal) || Action.StartsWith("request.", StringComparison.Ordinal);

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

using System.Text.Json;
using Wombat.Domain.Audit;

namespace Wombat.Application.Audit;

/// <summary>An event as readers see it, at its position.</summary>
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
    JsonElement? After)
{
    /// <summary>By hand: the JSON columns are parsed, which a mapping cannot show.</summary>
    public static EventDto From(long position, Event e) => new(
        position, e.Id, e.At, e.Actor, e.ActorId, e.Through, e.Action, e.TargetType, e.TargetId, e.ProjectId, e.Outcome, e.RequestId, e.ClientTraceId, e.Address, Parse(e.Before), Parse(e.After));

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

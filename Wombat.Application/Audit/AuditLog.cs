using System.Text.Json;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Audit;

/// <summary>Adds events to the change that is about to be saved. The values passed in must not contain secrets.</summary>
public sealed class AuditLog(IWombatDbContext db, RequestContext context, TimeProvider clock)
{
    public void Record<T>(
        EventAction action,
        string targetType,
        Guid targetId,
        Guid? projectId,
        T? before = null,
        T? after = null,
        string outcome = "success"
    )
        where T : class
    {
        var now = clock.GetUtcNow();
        var caller = context.Caller ?? Caller.System;
        db.Events.Add(
            new Event
            {
                Id = Uuid7.At(now),
                At = now,
                Actor = caller.Name,
                ActorId = caller.ActorId,
                Through = caller.AuthenticationType,
                Action = action.Name,
                TargetType = targetType,
                TargetId = targetId,
                ProjectId = projectId,
                Outcome = outcome,
                RequestId = context.RequestId,
                ClientTraceId = context.ClientTrace,
                Address = context.Address,
                Before = ToJson(before),
                After = ToJson(after),
            }
        );
    }

    private static string? ToJson<T>(T? value)
        where T : class => value is null ? null : JsonSerializer.Serialize(value, WombatJson.Options);
}

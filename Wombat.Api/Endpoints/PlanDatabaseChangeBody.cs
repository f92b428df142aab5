using System.ComponentModel.DataAnnotations;
using MediatR;
using Wombat.Application.Databases;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using TierEntity = Wombat.Domain.Tiers.Tier;

namespace Wombat.Api.Endpoints;

/// <summary>A change of a database to plan, with the fields that the request of the change has.</summary>
internal sealed class PlanDatabaseChangeBody
{
    /// <summary>The change.</summary>
    [Required]
    public PlannedDatabaseChange? Change { get; init; }

    /// <summary>For tier: one of the tiers. For restore: the tier of the new database.</summary>
    [StringLength(TierEntity.NameMax)]
    public string? Tier { get; init; }

    /// <summary>For restore: the name of the new database.</summary>
    [StringLength(Database.NameMax, MinimumLength = Database.NameLengthMin)]
    public string? Name { get; init; }

    /// <summary>For restore and restore_in_place: the time to restore to.</summary>
    public DateTimeOffset? TargetTime { get; init; }

    /// <summary>For restore and restore_in_place: the backup to restore.</summary>
    [StringLength(100)]
    public string? BackupId { get; init; }

    internal IRequest<ResourcePlan<DatabaseDto>> ToRequest(Guid id) =>
        Change switch
        {
            PlannedDatabaseChange.Tier => Operation(id, "resize", new ResizeDatabase(Tier)),
            PlannedDatabaseChange.Freeze => Operation(id, "freeze", new FreezeDatabase("plan")),
            PlannedDatabaseChange.RestoreInPlace => Operation(id, "restore_in_place", new RestoreInPlace(TargetTime, BackupId)),
            PlannedDatabaseChange.Restore => new PlanRestore(new RestoreDatabase(id, Name, TargetTime, BackupId, Tier)),
            PlannedDatabaseChange.Delete => new PlanDeletion<DatabaseDto>(null, id),
            _ => throw new InvalidInputException("change", "is required"),
        };

    private static PlanOperation<TArguments, DatabaseDto, AcceptedDatabase> Operation<TArguments>(
        Guid id,
        string name,
        TArguments arguments
    )
        where TArguments : class => new(new OperateResourceWith<TArguments, AcceptedDatabase>(null, id, name, arguments));
}

using System.ComponentModel.DataAnnotations;
using Wombat.Application.Databases;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;
using TierEntity = Wombat.Domain.Tiers.Tier;

namespace Wombat.Api.Endpoints;

/// <summary>A database to create.</summary>
internal class CreateDatabaseBody
{
    /// <summary>Unique in the project; cannot be changed.</summary>
    /// <example>orders</example>
    [Required]
    [StringLength(Database.NameMax, MinimumLength = Database.NameLengthMin)]
    [RegularExpression(Database.NamePattern)]
    public string? Name { get; init; }

    /// <summary>One of the tiers that GET /tiers lists.</summary>
    /// <example>dev</example>
    [Required]
    [StringLength(TierEntity.NameMax, MinimumLength = 1)]
    [RegularExpression(TierEntity.NamePattern)]
    public string? Tier { get; init; }

    /// <summary>What it is for.</summary>
    [StringLength(DatabaseSpec.PurposeMax)]
    public string? Purpose { get; init; }

    /// <summary>Who is responsible for it.</summary>
    [StringLength(DatabaseSpec.OwnerMax)]
    public string? Owner { get; init; }

    /// <summary>The plugin instance that provides it; that of the tier when absent.</summary>
    [StringLength(63, MinimumLength = 1)]
    public string? Plugin { get; init; }

    /// <summary>When it is deleted; never when absent, unless the tier limits the lifetime.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    internal CreateResource<DatabaseSpec, AcceptedDatabase> ToRequest(Guid project) =>
        new(project, Name, new DatabaseSpec(Tier ?? "") { Purpose = Purpose, Owner = Owner }, Plugin, ExpiresAt);
}

namespace Wombat.Domain.Databases;

/// <summary>What was requested of a database. Holds no secret.</summary>
/// <param name="Tier">The name of the tier.</param>
public sealed record DatabaseSpec(string Tier)
{
    public const int PurposeMax = 500;
    public const int OwnerMax = 100;

    /// <summary>
    /// The unix name of the project, for providers that separate projects by namespaces or networks; empty in a request.
    /// </summary>
    public string Project { get; init; } = "";

    /// <summary>What the database is for, as free text.</summary>
    public string? Purpose { get; init; }

    /// <summary>Who is responsible for it, as free text.</summary>
    public string? Owner { get; init; }

    /// <summary>The version of the tier that <see cref="Settings"/> were taken from; 0 in a request.</summary>
    public int TierVersion { get; init; }

    /// <summary>The promise of the tier when the database was created or last resized.</summary>
    public TierSpec Settings { get; init; } = new();

    /// <summary>Whether it exists for a restore drill only. A provider may remove one that an earlier process has left.</summary>
    public bool IsThrowAway { get; init; }

    /// <summary>The tier that a resize is about to apply; null when none is under way.</summary>
    public TierChange? Resize { get; init; }

    /// <summary>The spec when the resize that is under way has succeeded.</summary>
    public DatabaseSpec AfterResize() =>
        Resize is { } next ? this with { Tier = next.Tier, TierVersion = next.TierVersion, Settings = next.Settings, Resize = null } : this;

    /// <summary>Where its data come from; null for an empty database.</summary>
    public DatabaseOrigin? Origin { get; init; }
}

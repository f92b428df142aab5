using Wombat.Domain.Orphans;

namespace Wombat.Application.Orphans;

/// <summary>An orphan in its events.</summary>
public sealed record OrphanRecord(string Plugin, string? HostName, string Name, string ExternalId, string ExternalKey)
{
    internal static OrphanRecord Of(Orphan orphan) =>
        new(orphan.Plugin, orphan.HostName, orphan.Name, orphan.ExternalId, orphan.ExternalKey);
}

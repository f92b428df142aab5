using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>A user of an instance besides its own.</summary>
/// <param name="HasEnded">Whether the sessions were ended after the expiry.</param>
internal sealed record InstanceUser(string Name, DatabaseRole Role, DateTimeOffset? ExpiresAt, bool HasEnded = false)
{
    public DatabaseUserSpec ToSpec() => new(Name, Role, ExpiresAt);
}

using Microsoft.Extensions.Logging;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Finds what somebody changed on databases, and brings their last restorable time forward.</summary>
internal sealed class InstanceInspector(
    LocalPostgresOptions options,
    HealthBoard health,
    TimeProvider clock,
    ILogger<InstanceInspector> log
)
{
    /// <summary>Compares the files each time, what needs a connection at its interval.</summary>
    public async Task InspectAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var files = ConfigurationDrift.Find(folder, instance);
        var known = health.Of(folder);
        if (known.Files is null || !known.Files.SequenceEqual(files))
        {
            health.Set(folder, known = known with { Files = files });
        }

        var now = clock.GetUtcNow();
        if (now >= known.NextRolesAt)
        {
            await FindRolesAsync(folder, instance, cancel);
        }

        if (now >= known.NextMarkAt)
        {
            health.Set(folder, health.Of(folder) with { NextMarkAt = now + options.MarkInterval });
            if (instance.LastBackupAt is not null)
            {
                await WalArchive.MarkAsync(folder, instance, cancel);
            }
        }
    }

    // A server that cannot be asked keeps what was found before; it may have another port, or rules that refuse Wombat.
    private async Task FindRolesAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var known = health.Of(folder) with { NextRolesAt = now + options.DriftInterval };
        try
        {
            await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel);
            var roles = await RoleDrift.FindAsync(connection, instance, folder.ReadCredentials(), now, cancel);
            health.Set(folder, known with { Roles = roles });
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            health.Set(folder, known with { Roles = known.Roles ?? [] });
            log.LogWarning("The roles of database {Name} could not be compared: {Error}", instance.Name, e.Message);
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Limits memory and CPU of all processes of a server together to what its tier promises, where the kernel allows.</summary>
internal sealed class ServerLimits(ILogger<ServerLimits> log)
{
    private readonly Lazy<ControlGroups?> groups = new(() => ControlGroups.Find());

    /// <summary>Whether this machine enforces the limits.</summary>
    public bool AreEnforced => groups.Value is not null;

    /// <summary>Limits a running server. A server that cannot be limited runs without limits.</summary>
    public void Apply(InstanceFolder folder, Instance instance)
    {
        const long MiB = 1024 * 1024;
        var tier = instance.Tier;
        if (groups.Value?.TryLimit(NameOf(folder), () => InstanceServer.Processes(folder), tier.MemoryMib * MiB, tier.CpuMillis) == false)
        {
            log.LogWarning("The limits of memory and CPU of database {Name} could not be applied", instance.Name);
        }
    }

    /// <summary>Removes the limits of a server that has stopped.</summary>
    public void Remove(InstanceFolder folder) => groups.Value?.Remove(NameOf(folder));

    // Two data directories may hold databases with the same key.
    private static string NameOf(InstanceFolder folder) =>
        $"{folder.Key}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder.Path)))[..12]}";
}

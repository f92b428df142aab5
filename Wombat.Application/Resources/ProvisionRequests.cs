using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Resources;

/// <summary>What a plugin is asked for, the same for the plan and for the work.</summary>
internal static class ProvisionRequests
{
    /// <param name="sshKeys">With the members' keys; null for the container's own.</param>
    public static ProvisionRequest For(Container container, IReadOnlyList<string>? sshKeys = null) =>
        new(
            container.Reference,
            container.Template,
            container.Size.Cpu,
            container.Size.MemoryMiB,
            container.Size.DiskGiB,
            sshKeys ?? container.SshKeys
        );
}

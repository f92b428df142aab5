namespace Wombat.Application.Commands;

/// <summary>What people say about a host.</summary>
/// <param name="Name">Empty for the name of its container.</param>
/// <param name="Address">A DNS name or an IP address; empty for a container or an alias.</param>
/// <param name="Port">Null for the default one.</param>
/// <param name="UserName">Empty for that of the container or the alias.</param>
/// <param name="Labels">By which commands choose it.</param>
/// <param name="JumpHostId">The host through which Wombat connects to it; null for a direct connection, or that of the alias.</param>
public sealed record HostFields(string Name, string Address, int? Port, string UserName, IReadOnlyList<string> Labels, Guid? JumpHostId)
{
    public const int DefaultPort = 22;

    /// <summary>The container that it is; null for another machine.</summary>
    public Guid? ContainerId { get; init; }

    /// <summary>Its name in the OpenSSH client configuration that the settings name; null for none.</summary>
    public string? Alias { get; init; }
}

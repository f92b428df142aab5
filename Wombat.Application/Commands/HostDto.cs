using Wombat.Application.Common;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A machine that commands reach by SSH.</summary>
public sealed class HostDto : IVersioned
{
    public Guid Id { get; init; }

    /// <summary>Unique among the hosts of its project.</summary>
    /// <example>web1</example>
    public string Name { get; init; } = "";

    /// <summary>The project whose commands may use it; null for a host of the platform.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>A DNS name or an IP address; of a container the last known one, empty if it had none yet.</summary>
    /// <example>web1.example.org</example>
    public string Address { get; init; } = "";

    /// <summary>The container that it is; null for another machine.</summary>
    public Guid? ContainerId { get; init; }

    /// <summary>
    /// Its name in the OpenSSH client configuration of <c>commands.ssh_config</c>, from which the rest was read; null for none.
    /// </summary>
    /// <example>web1</example>
    public string? Alias { get; init; }

    public int Port { get; init; }

    /// <summary>The account that runs the commands.</summary>
    /// <example>deploy</example>
    public string UserName { get; init; } = "";

    /// <summary>The host through which Wombat connects to it; null for a direct connection.</summary>
    public Guid? JumpHostId { get; init; }

    /// <summary>By which commands choose it.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Where the private key is with which Wombat signs in.</summary>
    public SshKeySource KeySource { get; init; }

    /// <summary>The path of the private key in <c>commands.key_directory</c>; null if it is elsewhere.</summary>
    /// <example>web/id_ed25519</example>
    public string? KeyFile { get; init; }

    /// <summary>The line for the account's authorized_keys with which Wombat signs in; empty if the key is not stored.</summary>
    public string PublicKey { get; init; } = "";

    /// <summary>The accepted host keys; empty until an admin has accepted some.</summary>
    public IReadOnlyList<HostKeyDto> HostKeys { get; init; } = [];

    /// <summary>What the last contact showed.</summary>
    public SshHostState State { get; init; }

    /// <summary>Why it cannot be used; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>When it was last contacted.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes by people.</summary>
    public int Version { get; init; }

    internal static HostDto Of(SshHost host) =>
        new()
        {
            Id = host.Id,
            Name = host.Name,
            ProjectId = host.ProjectId,
            Address = host.Address,
            ContainerId = host.ContainerId,
            Alias = host.Alias,
            Port = host.Port,
            UserName = host.UserName,
            JumpHostId = host.JumpHostId,
            Labels = host.Labels,
            KeySource = host.KeySource,
            KeyFile = host.KeyFile,
            PublicKey = host.PublicKey,
            HostKeys = [.. host.HostKeys.Select(HostKeyDto.Of)],
            State = host.State,
            Problem = host.Problem,
            CheckedAt = host.CheckedAt,
            CreatedAt = host.CreatedAt,
            UpdatedAt = host.UpdatedAt,
            Version = host.Version,
        };
}

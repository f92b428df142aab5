using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>How Wombat reaches a host.</summary>
internal class HostBody
{
    /// <summary>Unique among the hosts of its project; the name of the container when absent.</summary>
    /// <example>web1</example>
    [StringLength(SshHost.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>A DNS name or an IP address; absent with <c>container_id</c> or <c>alias</c>.</summary>
    /// <example>web1.example.org</example>
    [StringLength(SshHost.AddressMax)]
    public string? Address { get; init; }

    /// <summary>A container of the project that the host is. It is reached at the address that it has at each contact.</summary>
    public Guid? ContainerId { get; init; }

    /// <summary>
    /// A name in the OpenSSH client configuration of the setting <c>commands.ssh_config</c>, from which address, port, account and jump
    /// host are read now.
    /// </summary>
    /// <example>web1</example>
    [StringLength(SshHost.AliasMax, MinimumLength = 1)]
    public string? Alias { get; init; }

    /// <summary>The port of the SSH server.</summary>
    [DefaultValue(HostFields.DefaultPort)]
    [Range(1, SshHost.PortMax)]
    public int? Port { get; init; }

    /// <summary>The account that runs the commands; that of the container's template or of the alias when absent.</summary>
    /// <example>deploy</example>
    [StringLength(SshHost.UserNameMax)]
    public string? UserName { get; init; }

    /// <summary>
    /// The host through which Wombat connects to it, one of the same project or the platform without a jump host of its own. A direct
    /// connection when absent.
    /// </summary>
    public Guid? JumpHostId { get; init; }

    /// <summary>By which commands choose it.</summary>
    /// <example>["web", "env=prod"]</example>
    [MaxLength(SshHost.LabelsMax)]
    public string[]? Labels { get; init; }

    internal HostFields Fields =>
        new(Name ?? "", Address ?? "", Port, UserName ?? "", Labels ?? [], JumpHostId) { ContainerId = ContainerId, Alias = Alias };
}

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>How Wombat reaches a host.</summary>
internal class HostBody
{
    private const int DefaultPort = 22;

    /// <summary>Unique among the hosts of its project.</summary>
    /// <example>web1</example>
    [Required]
    [StringLength(SshHost.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>A DNS name or an IP address.</summary>
    /// <example>web1.example.org</example>
    [Required]
    [StringLength(SshHost.AddressMax, MinimumLength = 1)]
    public string? Address { get; init; }

    /// <summary>The port of the SSH server.</summary>
    [DefaultValue(DefaultPort)]
    [Range(1, SshHost.PortMax)]
    public int? Port { get; init; }

    /// <summary>The account that runs the commands.</summary>
    /// <example>deploy</example>
    [Required]
    [StringLength(SshHost.UserNameMax, MinimumLength = 1)]
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

    internal HostFields Fields => new(Name ?? "", Address ?? "", Port ?? DefaultPort, UserName ?? "", Labels ?? [], JumpHostId);
}

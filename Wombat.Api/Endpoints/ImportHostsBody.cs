using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>Hosts to register.</summary>
internal sealed class ImportHostsBody
{
    /// <summary>The project whose commands may use them; only commands of the platform when absent.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>
    /// The text of an OpenSSH client configuration, such as <c>~/.ssh/config</c>. Each name after Host that has no wildcards is a host.
    /// HostName, Port, User and ProxyJump are taken over, also from blocks with wildcards. No file that it names is read.
    /// </summary>
    /// <example>Host web1\n  HostName web1.example.org\n  User deploy\n  ProxyJump gate</example>
    [Required]
    [StringLength(ImportHosts.DocumentMax, MinimumLength = 1)]
    public string? Document { get; init; }
}

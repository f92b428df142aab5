using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>A host to register for commands.</summary>
internal sealed class CreateHostBody : HostBody
{
    /// <summary>The project whose commands may use it; only commands of the platform when absent.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>
    /// The private key with which Wombat signs in, in OpenSSH's format and without a passphrase. It is stored encrypted and never
    /// returned. When absent Wombat makes a new key; its public half is in the answer.
    /// </summary>
    [StringLength(SshHost.PrivateKeyMax)]
    public string? PrivateKey { get; init; }

    internal CreateHost ToRequest() => new(Fields, ProjectId, PrivateKey);
}

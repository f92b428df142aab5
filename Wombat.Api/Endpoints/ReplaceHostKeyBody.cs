using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>Another key for a host.</summary>
internal sealed class ReplaceHostKeyBody
{
    /// <summary>
    /// The private key with which Wombat signs in, in OpenSSH's format and without a passphrase. When absent Wombat makes a new key; its
    /// public half is in the answer.
    /// </summary>
    [StringLength(SshHost.PrivateKeyMax)]
    public string? PrivateKey { get; init; }
}

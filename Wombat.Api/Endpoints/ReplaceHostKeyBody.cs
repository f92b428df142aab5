using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>Another key for a host.</summary>
internal sealed class ReplaceHostKeyBody
{
    /// <summary>
    /// Where the private key is with which Wombat signs in: stored in the database unless given, in a file, or in the SSH agent of the
    /// setting <c>commands.agent_socket</c>.
    /// </summary>
    public SshKeySource? KeySource { get; init; }

    /// <summary>
    /// The path of the private key within the directory of the setting <c>commands.key_directory</c>; for the source file.
    /// </summary>
    /// <example>web/id_ed25519</example>
    [StringLength(SshHost.KeyFileMax)]
    public string? KeyFile { get; init; }

    /// <summary>
    /// The private key with which Wombat signs in, in OpenSSH's format and without a passphrase, to be stored. When absent Wombat makes a
    /// new key; its public half is in the answer.
    /// </summary>
    [StringLength(SshHost.PrivateKeyMax)]
    public string? PrivateKey { get; init; }

    internal ReplaceHostKey ToRequest(Guid id) => new(id, new HostKeyInput(KeySource ?? SshKeySource.Stored, KeyFile, PrivateKey));
}

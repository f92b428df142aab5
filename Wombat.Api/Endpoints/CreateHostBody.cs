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
    /// The private key with which Wombat signs in, in OpenSSH's format and without a passphrase. It is stored encrypted and never
    /// returned. When absent Wombat makes a new key; its public half is in the answer.
    /// </summary>
    [StringLength(SshHost.PrivateKeyMax)]
    public string? PrivateKey { get; init; }

    internal CreateHost ToRequest() => new(Fields, ProjectId, new HostKeyInput(KeySource ?? SshKeySource.Stored, KeyFile, PrivateKey));
}

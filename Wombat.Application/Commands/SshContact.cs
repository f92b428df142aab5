using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>The outcome of a contact with a host.</summary>
/// <param name="Problem">One sentence; null if Wombat could sign in.</param>
public sealed record SshContact(SshHostState State, string? Problem)
{
    public static readonly SshContact KeyChanged = new(SshHostState.KeyChanged, "The host shows other host keys than the accepted ones.");

    public static SshContact Unreachable(string address, int port) =>
        new(SshHostState.Unreachable, $"{address} does not answer as an SSH server on port {port}.");
}

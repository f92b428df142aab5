using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>The outcome of a contact with a host.</summary>
/// <param name="Problem">One sentence; null if Wombat could sign in.</param>
public sealed record SshContact(SshHostState State, string? Problem);

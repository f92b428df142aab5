namespace Wombat.Application.Commands;

/// <summary>The key with which Wombat signs in to a host: its text, or where an agent is that has it.</summary>
/// <param name="PrivateKey">In OpenSSH's format, without a passphrase; null if an agent has the key.</param>
/// <param name="AgentSocket">The path of the agent's socket; null without an agent.</param>
public sealed record SshTargetKey(string? PrivateKey, string? AgentSocket)
{
    // A record's default ToString would print the private key.
    public override string ToString() => nameof(SshTargetKey);
}

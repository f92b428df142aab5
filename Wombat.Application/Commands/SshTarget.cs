namespace Wombat.Application.Commands;

/// <summary>How Wombat signs in to a host.</summary>
/// <param name="Name">What users call the host.</param>
/// <param name="HostKeys">The accepted host keys: type and base64. A host that shows another one is not talked to.</param>
/// <param name="Key">The key of Wombat.</param>
public sealed record SshTarget(string Name, string Address, int Port, string UserName, IReadOnlyList<string> HostKeys, SshTargetKey Key)
{
    /// <summary>The host through which all connections to it go; null for direct ones.</summary>
    public SshTarget? Jump { get; init; }

    public override string ToString() => Name;
}

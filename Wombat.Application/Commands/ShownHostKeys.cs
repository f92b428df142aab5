namespace Wombat.Application.Commands;

/// <summary>What a host showed to somebody who does not sign in.</summary>
/// <param name="Keys">Its host keys: type and base64, sorted. Empty if it did not answer.</param>
/// <param name="Failure">Why there are none; null if there are some.</param>
public sealed record ShownHostKeys(IReadOnlyList<string> Keys, SshContact? Failure);

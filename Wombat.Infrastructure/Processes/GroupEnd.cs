namespace Wombat.Infrastructure.Processes;

/// <summary>How a process group ended.</summary>
/// <param name="Signals">The signals that were sent to it, in this order.</param>
/// <param name="IsGone">Whether the kernel knows no process of it any more.</param>
public sealed record GroupEnd(IReadOnlyList<string> Signals, bool IsGone);

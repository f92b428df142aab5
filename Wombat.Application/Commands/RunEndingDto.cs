using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>How the processes of a run ended.</summary>
/// <param name="Isolation">How they were kept together: a process namespace ends all of them, a process group can be left.</param>
/// <param name="Signals">The signals that Wombat sent, in this order.</param>
/// <param name="Proven">Whether it is certain that none of them is left.</param>
/// <param name="Explanation">One sentence.</param>
public sealed record RunEndingDto(Isolation Isolation, IReadOnlyList<string> Signals, bool Proven, string Explanation);

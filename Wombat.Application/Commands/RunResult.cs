using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>How a program ended.</summary>
/// <param name="Stop">Why.</param>
/// <param name="ExitCode">128 plus the number of the signal if a signal ended it; null unless it exited by itself.</param>
/// <param name="Ending">What became of its processes.</param>
public sealed record RunResult(RunStop Stop, int? ExitCode, RunEnding Ending);

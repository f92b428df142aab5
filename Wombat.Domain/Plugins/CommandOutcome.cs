namespace Wombat.Domain.Plugins;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">
/// 127 if the program does not exist, 128 plus the signal number if a signal ended it; null if its time was over.
/// </param>
public sealed record CommandOutcome(int? ExitCode);

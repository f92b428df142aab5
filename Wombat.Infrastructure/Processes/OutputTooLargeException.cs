namespace Wombat.Infrastructure.Processes;

/// <summary>A program printed more than the limit of captured output.</summary>
public sealed class OutputTooLargeException(int max)
    : Exception($"The program printed more than {max / 1024} KiB, which is the limit of an answer.");

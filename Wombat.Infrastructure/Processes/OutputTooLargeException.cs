namespace Wombat.Infrastructure.Processes;

/// <summary>A program printed more than was to be captured.</summary>
public sealed class OutputTooLargeException(int max)
    : Exception($"The program printed more than {max / 1024} KiB where an answer was expected.");

namespace Wombat.Domain.Jobs;

/// <summary>Where a line came from.</summary>
public enum LogStream
{
    /// <summary>Wombat itself.</summary>
    System,
    Stdout,
    Stderr,
}

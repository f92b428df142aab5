namespace Wombat.Domain.Jobs;

/// <summary>The source of a log line.</summary>
public enum LogStream
{
    /// <summary>Wombat itself.</summary>
    System,
    Stdout,
    Stderr,
}

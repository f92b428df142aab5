namespace Wombat.Application.Commands;

/// <summary>Why the processes of a run ended.</summary>
public enum RunStop
{
    /// <summary>The program exited by itself.</summary>
    Exited,

    /// <summary>It exceeded its time limit.</summary>
    TimedOut,

    /// <summary>It printed more than a log stores.</summary>
    OutputTooLarge,

    /// <summary>It was cancelled, or Wombat is shutting down.</summary>
    Cancelled,

    /// <summary>The connection to its host ended first.</summary>
    ConnectionLost,
}

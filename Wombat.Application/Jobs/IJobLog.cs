using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The job's log. An accepted line is stored exactly once and in order. Awaiting a write applies back-pressure.</summary>
public interface IJobLog
{
    /// <summary>Writes a line. A text with line breaks becomes several lines.</summary>
    ValueTask WriteAsync(string text, CancellationToken cancel, LogStream stream = LogStream.System);

    /// <summary>Adds a line of a program's output, or a part of one.</summary>
    ValueTask WriteAsync(LogEntry entry, CancellationToken cancel);

    /// <summary>Whether the log is as large as it may be: more output of programs is discarded.</summary>
    bool IsFull { get; }

    /// <summary>
    /// Replaces the secret by *** in the log from now on, and in the error of the job: in plain text, percent-encoded, in JSON and in
    /// base64, also across partial lines. Secrets of less than four bytes are not replaced.
    /// </summary>
    void AddSecret(string secret);
}

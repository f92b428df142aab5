using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The job's log. An accepted line is stored exactly once and in order. Awaiting a write applies back-pressure.</summary>
public interface IJobLog
{
    /// <summary>Writes a line. A text with line breaks becomes several lines.</summary>
    ValueTask WriteAsync(string text, CancellationToken cancel, LogStream stream = LogStream.System);

    /// <summary>Adds a line of a program's output, or a part of one.</summary>
    ValueTask WriteAsync(LogEntry entry, CancellationToken cancel);

    /// <summary>
    /// From now on the secret is replaced by *** in the log and in the job's error: as it is, percent-encoded, in JSON and in base64, also
    /// where it goes over partial lines. Secrets of less than four bytes are not replaced.
    /// </summary>
    void AddSecret(string secret);
}

using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Writes a program's output to the log of its run.</summary>
internal static class RunOutput
{
    /// <param name="onFull">Called for each line that the full log does not store.</param>
    public static ValueTask WriteAsync(IJobLog log, OutputLine line, Action onFull, CancellationToken cancel)
    {
        if (log.IsFull)
        {
            onFull();
        }

        return log.WriteAsync(
            new LogEntry(
                line.Stream == OutputStream.Stdout ? LogStream.Stdout : LogStream.Stderr,
                line.Bytes,
                line.IsPartial,
                line.Replaces
            ),
            cancel
        );
    }
}

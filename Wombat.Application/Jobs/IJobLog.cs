using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The job's log. Awaiting a write is the back-pressure: what was accepted will be stored, in order, once.</summary>
public interface IJobLog
{
    /// <summary>Adds one line. Line ends inside it make several.</summary>
    ValueTask WriteAsync(string text, CancellationToken cancel, LogStream stream = LogStream.System);
}

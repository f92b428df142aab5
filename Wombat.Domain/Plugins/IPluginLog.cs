using System.Text;
using Wombat.Domain.Jobs;

namespace Wombat.Domain.Plugins;

/// <summary>Receives the output of a plugin call. Awaiting a write applies back-pressure to the plugin.</summary>
public interface IPluginLog
{
    ValueTask WriteAsync(string line, CancellationToken cancel);

    /// <summary>Writes a line of a program's output, or a part of one.</summary>
    ValueTask WriteAsync(LogEntry entry, CancellationToken cancel) => WriteAsync(Encoding.UTF8.GetString(entry.Text.Span), cancel);

    /// <summary>From now on the secret is masked in what is written.</summary>
    void AddSecret(string secret) { }

    /// <summary>
    /// Reports the id of the resource that is being created. It is stored at once, whatever the result of the call, because
    /// it may be the only way to find the resource. Not cancellable for the same reason.
    /// </summary>
    ValueTask ReportExternalIdAsync(string externalId) => ValueTask.CompletedTask;
}

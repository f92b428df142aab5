using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Resources;

/// <summary>Writes a plugin's lines to the job's log.</summary>
internal sealed class PluginLog(IJobLog log, Func<string, ValueTask>? onExternalId = null) : IPluginLog
{
    public ValueTask WriteAsync(string line, CancellationToken cancel) => log.WriteAsync(line, cancel, LogStream.Stderr);

    public ValueTask WriteAsync(LogEntry entry, CancellationToken cancel) => log.WriteAsync(entry, cancel);

    public void AddSecret(string secret) => log.AddSecret(secret);

    public ValueTask ReportExternalIdAsync(string externalId) => onExternalId?.Invoke(externalId) ?? ValueTask.CompletedTask;
}

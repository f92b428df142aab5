using System.Collections.Concurrent;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Tests.Plugins;

/// <summary>Collects what a plugin call writes.</summary>
internal sealed class TestLog : IPluginLog
{
    private readonly ConcurrentQueue<string> lines = new();

    public string? ExternalId { get; private set; }

    public string Text => string.Join('\n', lines);

    public ValueTask WriteAsync(string line, CancellationToken cancel)
    {
        lines.Enqueue(line);
        return ValueTask.CompletedTask;
    }

    public ValueTask ReportExternalIdAsync(string externalId)
    {
        ExternalId = externalId;
        return ValueTask.CompletedTask;
    }
}

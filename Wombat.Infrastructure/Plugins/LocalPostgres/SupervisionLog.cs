using Microsoft.Extensions.Logging;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Writes the progress of work on a database that no job has asked for to the log of Wombat.</summary>
internal sealed class SupervisionLog(ILogger log, string database) : IPluginLog
{
    public ValueTask WriteAsync(string line, CancellationToken cancel)
    {
        log.LogInformation("Database {Name}: {Text}", database, line);
        return ValueTask.CompletedTask;
    }
}

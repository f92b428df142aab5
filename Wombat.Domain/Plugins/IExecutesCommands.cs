using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>An ability of plugins: running commands inside running resources.</summary>
public interface IExecutesCommands
{
    /// <summary>
    /// Runs the command without a shell and waits for it. Its output goes to the log as it is printed; a slow log slows the command. A
    /// cancelled call ends the command. Never repeated by Wombat, since a command may have effects.
    /// </summary>
    /// <exception cref="ExternalSystemException">
    /// The command was not started, or its end is not known: NotFound; Conflict if the resource is not running or stops.
    /// </exception>
    Task<CommandOutcome> ExecuteAsync(ResourceRef resource, CommandRequest command, IPluginLog log, CancellationToken cancel);
}

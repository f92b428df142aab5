using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>An ability of plugins: a shell on a terminal inside a running resource.</summary>
public interface IOpensConsoles
{
    /// <summary>
    /// Runs a shell until it exits, the client has no more input, or the call is cancelled; the last two hang up the terminal. Memory is
    /// bounded: nothing is read from the terminal while the client does not take it, and nothing from the client while the shell does not.
    /// </summary>
    /// <returns>The exit code of the shell.</returns>
    /// <exception cref="ExternalSystemException">NotFound; Conflict if the resource is not running or stops.</exception>
    Task<int> OpenConsoleAsync(ResourceRef resource, ConsoleSize size, IConsoleClient client, CancellationToken cancel);
}

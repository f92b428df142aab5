using Wombat.Application.Jobs;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Runs a command in a container. The arguments of the operation; the audit log records them.</summary>
/// <param name="Command">The program and its arguments.</param>
/// <param name="User">The user id inside the container.</param>
public sealed record ExecuteCommand(IReadOnlyList<string?>? Command, int TimeoutSeconds, int User)
{
    public const int ArgumentsMax = 100;
    public const int BytesMax = 32 * 1024;
    public const int TimeoutSecondsMin = 1;
    public const int TimeoutSecondsMax = 3600;
    public const int TimeoutSecondsDefault = 60;
    public const int UserMax = 65535;

    /// <exception cref="JobFailedException">The command did not succeed.</exception>
    public async Task RunAsync(IExecutesCommands plugin, ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        var request = new CommandRequest([.. Command!.Select(a => a!)], TimeSpan.FromSeconds(TimeoutSeconds), User);
        switch ((await plugin.ExecuteAsync(resource, request, log, cancel)).ExitCode)
        {
            case 0:
                return;
            case null:
                throw ProgramExit.TimedOut(TimeoutSeconds);
            case { } code:
                throw ProgramExit.Failed(code);
        }
    }
}

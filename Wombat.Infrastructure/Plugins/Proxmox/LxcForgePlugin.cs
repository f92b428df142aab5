using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Local containers by Wombat.Forge, in which it can also run commands and open consoles.</summary>
internal sealed class LxcForgePlugin(ContainerCli cli) : ForgeProxmoxPlugin(cli), IExecutesCommands, IOpensConsoles
{
    private readonly ForgeSessions sessions = new(cli);

    public Task<CommandOutcome> ExecuteAsync(ResourceRef resource, CommandRequest command, IPluginLog log, CancellationToken cancel) =>
        sessions.ExecuteAsync(resource, command, log, cancel);

    public Task<int> OpenConsoleAsync(ResourceRef resource, ConsoleSize size, IConsoleClient client, CancellationToken cancel) =>
        sessions.OpenConsoleAsync(resource, size, client, cancel);
}

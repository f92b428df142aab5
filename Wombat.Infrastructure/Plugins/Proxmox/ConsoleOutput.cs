using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Shows the bytes of a terminal to the client of a console.</summary>
internal sealed class ConsoleOutput(IConsoleClient client) : OutputConsumer
{
    public override ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        client.WriteAsync(bytes, cancel);
}

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>A standard input that stays open and empty, so that its end tells the program that Wombat has died.</summary>
internal sealed class OpenInput : InputStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return 0;
    }
}

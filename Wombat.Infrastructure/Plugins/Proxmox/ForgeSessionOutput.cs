using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>The frames that forge prints while a command or console runs.</summary>
internal sealed class ForgeSessionOutput : OutputConsumer
{
    private readonly OutputConsumer inner;
    private readonly FrameReader frames;
    private readonly CapturedOutput errors = new(maxBytes: 0);

    public ForgeSessionOutput(OutputConsumer inner)
    {
        this.inner = inner;
        frames = new FrameReader(TakeAsync);
    }

    /// <summary>How the command ended; null if forge did not say.</summary>
    public SessionOutcome? End { get; private set; }

    /// <summary>The last lines that forge itself wrote to standard error.</summary>
    public string ErrorTail => errors.ErrorTail;

    public override ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        stream == OutputStream.Stdout ? frames.AddAsync(bytes, cancel) : errors.AddAsync(stream, bytes, cancel);

    public override TimeSpan? DueIn(OutputStream stream) =>
        stream == OutputStream.Stdout ? Earlier(inner.DueIn(OutputStream.Stdout), inner.DueIn(OutputStream.Stderr)) : null;

    public override async ValueTask ShowUnfinishedAsync(OutputStream stream, CancellationToken cancel)
    {
        foreach (var one in new[] { OutputStream.Stdout, OutputStream.Stderr })
        {
            if (inner.DueIn(one) == TimeSpan.Zero)
            {
                await inner.ShowUnfinishedAsync(one, cancel);
            }
        }
    }

    public override async ValueTask EndAsync(CancellationToken cancel)
    {
        await inner.EndAsync(cancel);
        await errors.EndAsync(cancel);
    }

    private async ValueTask TakeAsync(FrameKind kind, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (kind == FrameKind.Control)
        {
            End = SessionOutcome.Parse(bytes);
        }
        else
        {
            await inner.AddAsync(kind == FrameKind.Error ? OutputStream.Stderr : OutputStream.Stdout, bytes, cancel);
        }
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;
}

using System.Runtime.InteropServices;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Inside;

/// <summary>Reads what the caller types from standard input.</summary>
internal static class ConsoleInput
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>Reads frames: output frames are typed, control frames resize.</summary>
    public static async Task ReadFramesAsync(PseudoTerminal terminal, CancellationToken cancel)
    {
        var frames = new FrameReader(
            (kind, bytes, token) =>
            {
                if (kind != FrameKind.Control)
                {
                    return terminal.WriteAsync(bytes, token);
                }

                terminal.Resize(TerminalSize.Parse(bytes));
                return ValueTask.CompletedTask;
            }
        );
        await ReadAsync(frames.AddAsync, cancel);
    }

    /// <summary>Passes on every key of forge's own terminal, and its size.</summary>
    public static async Task ReadKeysAsync(PseudoTerminal terminal, CancellationToken cancel)
    {
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => terminal.Resize(OwnTerminal.Size));
        await ReadAsync(terminal.WriteAsync, cancel);
    }

    private static async Task ReadAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> onInput, CancellationToken cancel)
    {
        var buffer = new byte[BufferBytes];
        await using var input = Console.OpenStandardInput();
        int read;
        while ((read = await input.ReadAsync(buffer, cancel)) > 0)
        {
            await onInput(buffer.AsMemory(0, read), cancel);
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Inside;

/// <summary>Reads what the caller types from standard input.</summary>
internal static class ConsoleInput
{
    private const int BufferBytes = 16 * 1024;

    // A shell may have no prompt.
    private static readonly TimeSpan PromptTime = TimeSpan.FromSeconds(3);

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
        await ReadAsync(terminal, frames.AddAsync, cancel);
    }

    /// <summary>Passes on every key of forge's own terminal, and its size.</summary>
    public static async Task ReadKeysAsync(PseudoTerminal terminal, CancellationToken cancel)
    {
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => terminal.Resize(OwnTerminal.Size));
        await ReadAsync(terminal, terminal.WriteAsync, cancel);
    }

    private static async Task ReadAsync(
        PseudoTerminal terminal,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> onInput,
        CancellationToken cancel
    )
    {
        await Task.WhenAny(terminal.Ready, Task.Delay(PromptTime, cancel));
        var buffer = new byte[BufferBytes];

        // Console would change the mode of the terminal back.
        using var standardInput = new SafeFileHandle(0, ownsHandle: false);
        await using var input = new FileStream(standardInput, FileAccess.Read, bufferSize: 0);
        int read;
        while ((read = await input.ReadAsync(buffer, cancel)) > 0)
        {
            await onInput(buffer.AsMemory(0, read), cancel);
        }
    }
}

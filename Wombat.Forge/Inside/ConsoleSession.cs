using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Inside;

/// <summary>A shell inside a container on a pseudo-terminal, until it exits, or the caller hangs up.</summary>
internal sealed class ConsoleSession(IBackend backend, string id, string? key, SessionOutput output)
{
    // Gives the program the terminal as its standard streams and as its controlling terminal. The program waits for it.
    private const string OnTerminal = "exec setsid -w -c \"$@\" <>\"$0\" >&0 2>&1";

    private static readonly string[] Shell =
    [
        "/bin/sh",
        "-c",
        "cd 2>/dev/null; if [ -x /bin/bash ]; then exec /bin/bash -l; fi; exec /bin/sh -l",
    ];

    /// <param name="readInput">Types into the terminal, and resizes it, until the caller sends no more.</param>
    /// <returns>The exit code of forge.</returns>
    /// <exception cref="ForgeException">The shell could not be started.</exception>
    /// <exception cref="OperationCanceledException">The caller has hung up, and the shell ended.</exception>
    public async Task<int> RunAsync(TerminalSize size, Func<PseudoTerminal, CancellationToken, Task> readInput, CancellationToken cancel)
    {
        var attach = await backend.AttachAsync(id, key, InsideCommand.Of(Shell, user: 0, "xterm-256color"), cancel);
        using var terminal = PseudoTerminal.Open(size);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var hangUp = end.Token.Register(terminal.HangUp);
        var shell = ChildProcess.RunAsync(
            attach with
            {
                Program = "/bin/sh",
                Arguments = ["-c", OnTerminal, terminal.Path, attach.Program, .. attach.Arguments],
            },
            end.Token
        );
        var reading = terminal.ReadAsync((bytes, token) => output.AddAsync(OutputStream.Stdout, bytes, token), end.Token);
        var input = Task.Run(() => readInput(terminal, end.Token), CancellationToken.None);
        try
        {
            // A failure of the input or output ends the session.
            var first = await Task.WhenAny(shell, reading, input);
            await first;
            if (first == input)
            {
                await end.CancelAsync();
            }

            var result = await shell;
            await reading;
            return await new SessionEnd(backend, id, key, output).ReportAsync(result.ExitCode, cancel);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(shell, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Inside;

/// <summary>Runs one command inside a container until it exits, its time is over, or the caller stops it or is gone.</summary>
internal sealed class ExecSession(IBackend backend, string id, string? key, SessionOutput output)
{
    /// <summary>The exit code after a time-out, as of timeout(1), where forge has the exit code of the command.</summary>
    public const int TimedOut = 124;

    /// <summary>The exit code after a failure of forge itself, where forge has the exit code of the command.</summary>
    public const int OwnFailure = 125;

    /// <param name="user">The user id inside the container.</param>
    /// <returns>The exit code of forge.</returns>
    /// <exception cref="ForgeException">The command could not be started.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled, and the command ended.</exception>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, int user, TimeSpan timeout, CancellationToken cancel)
    {
        var processes = new MarkedProcesses();
        var inside = InsideCommand.Of(arguments, user, "dumb", (MarkedProcesses.Variable, processes.Value));
        var command = await backend.AttachAsync(id, key, inside, cancel);
        try
        {
            var code = await RunAsync(command, processes, timeout, cancel);
            return await new SessionEnd(backend, id, key, output).ReportAsync(code, cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return await output.FailAsync(
                "timeout",
                TimedOut,
                $"the command did not exit within {timeout.TotalSeconds:F0} s and was ended"
            );
        }
    }

    private async Task<int> RunAsync(ChildCommand command, MarkedProcesses processes, TimeSpan timeout, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ending = Task.CompletedTask;
        var hasExited = false;
        await using var ended = end.Token.Register(() => ending = processes.EndAsync());
        end.CancelAfter(timeout);
        try
        {
            var code = await ChildProcess.RunAsync(command, output, end.Token);
            hasExited = true;
            return code;
        }
        finally
        {
            if (!hasExited)
            {
                await ending;
                await processes.EndAsync();
            }
        }
    }
}

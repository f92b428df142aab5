namespace Wombat.Forge.Inside;

/// <summary>Reports how a command or shell in a container ended.</summary>
internal sealed class SessionEnd(IBackend backend, string id, string? key, SessionOutput output)
{
    private const int SignalBase = 128;
    private const int LooksAfterSignal = 20;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <param name="code">
    /// The exit code of lxc-attach, which is that of the command: it does not tell that the container stopped.
    /// </param>
    /// <returns>The exit code of forge.</returns>
    public async Task<int> ReportAsync(int code, CancellationToken cancel) =>
        code != 0 && await HasStoppedAsync(code, cancel)
            ? await output.FailAsync("stopped", ExecSession.OwnFailure, $"the container {id} stopped")
            : await output.ExitAsync(code);

    // A container that stops kills its processes before it is reported as stopped.
    private async Task<bool> HasStoppedAsync(int code, CancellationToken cancel)
    {
        for (var looks = code > SignalBase ? LooksAfterSignal : 1; await IsRunningAsync(cancel); looks--)
        {
            if (looks == 1)
            {
                return false;
            }

            await Task.Delay(LookInterval, cancel);
        }

        return true;
    }

    private async Task<bool> IsRunningAsync(CancellationToken cancel)
    {
        try
        {
            return (await backend.StatusAsync(id, key, cancel)).Status == "running";
        }
        catch (ForgeException e) when (e.Code == ExitCode.NotFound)
        {
            return false;
        }
    }
}

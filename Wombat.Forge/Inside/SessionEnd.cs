namespace Wombat.Forge.Inside;

/// <summary>Reports how a command or shell in a container ended.</summary>
internal sealed class SessionEnd(IBackend backend, string id, string? key, SessionOutput output)
{
    /// <param name="code">
    /// The exit code of lxc-attach, which is that of the command: it does not tell that the container stopped.
    /// </param>
    /// <returns>The exit code of forge.</returns>
    public async Task<int> ReportAsync(int code, CancellationToken cancel) =>
        code != 0 && !await IsRunningAsync(cancel)
            ? await output.FailAsync("stopped", ExecSession.OwnFailure, $"the container {id} stopped")
            : await output.ExitAsync(code);

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

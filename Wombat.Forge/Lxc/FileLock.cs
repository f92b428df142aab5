using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>A lock between forge processes. The kernel releases it when the process ends.</summary>
internal static class FileLock
{
    private static readonly TimeSpan DefaultPoll = TimeSpan.FromMilliseconds(50);

    /// <param name="activity">What the holder of the lock does, such as "working on web".</param>
    /// <param name="interval">How often waiting is reported, if not as usual.</param>
    /// <exception cref="ForgeException">Unavailable: the lock was not released within the timeout.</exception>
    public static async Task<FileStream> AcquireAsync(
        string file,
        string activity,
        TimeSpan timeout,
        CancellationToken cancel,
        TimeSpan? poll = null,
        TimeSpan? interval = null
    )
    {
        var progress = new Progress($"waiting: another forge process is {activity}", interval);
        while (true)
        {
            try
            {
                return PrivateFiles.OpenLock(file);
            }
            catch (IOException) when (progress.Elapsed < timeout)
            {
                await progress.ReportAsync();
                await Task.Delay(poll ?? DefaultPoll, cancel);
            }
            catch (IOException e)
            {
                throw new ForgeException(
                    ExitCode.Unavailable,
                    $"another forge process has been {activity} for more than {timeout.TotalSeconds:F0} s; try again later",
                    e
                );
            }
        }
    }
}

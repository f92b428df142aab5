using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>One forge at a time does a thing. The lock dies with its process, however that dies.</summary>
internal static class FileLock
{
    /// <param name="what">What another forge does meanwhile, such as "works on web".</param>
    /// <exception cref="ForgeException">Unavailable: the other is not done in time.</exception>
    public static async Task<FileStream> TakeAsync(string file, string what, TimeSpan longest, CancellationToken cancel)
    {
        var progress = new Progress($"waiting for another forge that {what}");
        while (true)
        {
            try
            {
                return PrivateFiles.OpenLock(file);
            }
            catch (IOException) when (progress.Elapsed < longest)
            {
                await progress.TellAsync();
                await Task.Delay(50, cancel);
            }
            catch (IOException e)
            {
                throw new ForgeException(
                    ExitCode.Unavailable,
                    $"another forge {what} since more than {longest.TotalSeconds:F0} s; try again later",
                    e
                );
            }
        }
    }
}

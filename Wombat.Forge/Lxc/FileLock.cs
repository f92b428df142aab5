namespace Wombat.Forge.Lxc;

/// <summary>One forge at a time does a thing. The lock dies with its process, however that dies.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    public static async Task<FileStream> TakeAsync(string file, CancellationToken cancel)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        var told = false;
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(deadline) < Patience)
            {
                if (!told)
                {
                    await Console.Error.WriteLineAsync("waiting for another forge that works on it");
                    told = true;
                }

                await Task.Delay(50, cancel);
            }
            catch (IOException e)
            {
                throw new ForgeException(ExitCode.Unavailable, "another forge still works on it", e);
            }
        }
    }
}

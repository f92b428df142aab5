namespace Wombat.Forge.Lxc;

/// <summary>Starts a container.</summary>
/// <param name="path">The folder of the containers.</param>
internal sealed class LxcStarter(string path, string name, LxcTools tools)
{
    private string LogFile => Path.Combine(path, name, "lxc.log");

    /// <exception cref="ForgeException">Failed: the container does not start.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        if (await TryStartAsync(cancel) is { } error)
        {
            throw error.ToException(name);
        }
    }

    /// <returns>Why the container did not start; null if it runs.</returns>
    public async Task<StartError?> TryStartAsync(CancellationToken cancel)
    {
        var before = File.Exists(LogFile) ? new FileInfo(LogFile).Length : 0;
        await tools.RunOnAsync("lxc-start", name, cancel, "-d", "-o", LogFile, "-l", "ERROR");
        return await tools.IsRunningAsync(name, cancel) ? null : await ReadErrorAsync(before, cancel);
    }

    private async Task<StartError> ReadErrorAsync(long from, CancellationToken cancel)
    {
        const int MaxLength = 300;
        var none = new StartError("", "lxc logged no reason");
        if (!File.Exists(LogFile))
        {
            return none;
        }

        using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = log.Length >= from ? from : 0;
        using var reader = new StreamReader(log);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            // lxc-start web 20260101120000.000 ERROR    utils - ../src/lxc/utils.c:open:12 - No such file - Failed to open
            if (line.Split(" ERROR ", 2) is [_, var error] && error.Split(" - ", 3) is [var component, _, var message])
            {
                return new StartError(component.Trim(), tools.RemovePath(message.Length <= MaxLength ? message : message[..MaxLength]));
            }
        }

        return none;
    }
}

namespace Wombat.Infrastructure.Postgres;

/// <summary>The file postmaster.pid in the data directory of a server.</summary>
internal sealed class PostmasterPidFile(string dataDirectory)
{
    private const string Name = "postmaster.pid";

    // The process id, the data directory and the time of the start.
    private const int IdentifyingLines = 3;

    private readonly string path = Path.Combine(dataDirectory, Name);

    public bool Exists => File.Exists(path);

    /// <summary>
    /// Whether the server that wrote the file is running. Its process id may belong to another process by now, so the working directory of
    /// the process is compared too.
    /// </summary>
    public bool IsOfRunningServer()
    {
        try
        {
            var known = File.ReadLines(path).Take(IdentifyingLines).ToList();
            return File.ReadLines($"/proc/{known[0]}/cwd/{Name}").Take(IdentifyingLines).SequenceEqual(known, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Deletes the file if its process id belongs to another process, because PostgreSQL would take that process for a running server.
    /// PostgreSQL itself handles the file of a process that no longer exists.
    /// </summary>
    public void DeleteIfOfAnotherProcess()
    {
        if (File.ReadLines(path).FirstOrDefault() is not { Length: > 0 } id || Directory.Exists($"/proc/{id}"))
        {
            File.Delete(path);
        }
    }
}

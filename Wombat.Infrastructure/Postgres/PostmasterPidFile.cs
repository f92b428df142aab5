using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Postgres;

/// <summary>The file postmaster.pid in the data directory of a server.</summary>
internal sealed class PostmasterPidFile(string dataDirectory)
{
    private const string Name = "postmaster.pid";
    private const string ServerProgram = "postgres";

    // The process id, the data directory and the time of the start.
    private const int IdentifyingLines = 3;
    private const int PortLine = 3;
    private const int AddressLine = 5;
    private const int StatusLine = 7;

    private readonly string path = Path.Combine(dataDirectory, Name);

    public bool Exists => File.Exists(path);

    /// <summary>
    /// What the server says of itself: <c>starting</c>, <c>standby</c>, <c>ready</c> or <c>stopping</c>; null if unknown.
    /// </summary>
    public string? Status => ReadLines().ElementAtOrDefault(StatusLine)?.Trim();

    /// <summary>The port, which also names the Unix socket; null if unknown.</summary>
    public int? Port =>
        int.TryParse(ReadLines().ElementAtOrDefault(PortLine), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    /// <summary>Whether the server listens on a TCP port, besides its Unix socket.</summary>
    public bool ListensOnTcp => ReadLines().ElementAtOrDefault(AddressLine)?.Trim() is { Length: > 0 };

    /// <summary>Whether the server that wrote the file runs.</summary>
    public bool IsOfRunningServer() => FindServer() is not null;

    /// <summary>
    /// The process of the running server that wrote the file; null if there is none. Another process may have its id by now, so
    /// it must be PostgreSQL's program and work in the same data directory.
    /// </summary>
    public int? FindServer()
    {
        try
        {
            var known = File.ReadLines(path).Take(IdentifyingLines).ToList();
            return
                known.Count > 0
                && int.TryParse(known[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && FolderProcesses.ProgramOf(id) == ServerProgram
                && File.ReadLines($"/proc/{known[0]}/cwd/{Name}").Take(IdentifyingLines).SequenceEqual(known, StringComparer.Ordinal)
                ? id
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// Deletes the file if its process id belongs to another process, because PostgreSQL would take that process for a running server.
    /// PostgreSQL itself handles the file of a process that no longer exists.
    /// </summary>
    public void DeleteIfOfAnotherProcess()
    {
        if (ReadLines().FirstOrDefault() is not { Length: > 0 } id || Directory.Exists($"/proc/{id}"))
        {
            File.Delete(path);
        }
    }

    private List<string> ReadLines()
    {
        try
        {
            return [.. File.ReadLines(path)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

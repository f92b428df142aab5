using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// The messages of one ssh, apart from what the program there prints. Its exit code says neither whether it had signed in nor why it ended.
/// </summary>
/// <param name="folder">Where it is; removed with it.</param>
internal sealed class SshLog(RunFolder folder) : IDisposable
{
    /// <summary>The level at which ssh says that it has signed in.</summary>
    public const string Level = "VERBOSE";

    private const string SignedIn = "Authenticated to ";

    // What ssh counts at its end.
    private static readonly string[] Counts = ["Transferred: ", "Bytes per second: "];

    public string Path => System.IO.Path.Combine(folder.Path, "log");

    /// <summary>Whether the host has let ssh in. Until then it executes nothing.</summary>
    public bool HasSignedIn() => Read().Any(l => l.StartsWith(SignedIn, StringComparison.Ordinal));

    /// <summary>The last message; empty if there is none.</summary>
    public string LastMessage() =>
        ExternalText.Clean(
            Read().LastOrDefault(l => l.Length > 0 && !Counts.Any(c => l.StartsWith(c, StringComparison.Ordinal)), "").Trim()
        );

    public void Dispose() => folder.Dispose();

    private string[] Read() => File.Exists(Path) ? File.ReadAllLines(Path) : [];
}

using System.Globalization;

namespace Wombat.TestSupport;

/// <summary>
/// A temporary folder of this test host. Other accounts may pass through it, since PostgreSQL runs under another account.
/// </summary>
public sealed class TestFolder : IDisposable
{
    private const string Prefix = "wombat-test-";

    public TestFolder()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), name[..^24]);
        Directory.CreateDirectory(Path);
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    /// <summary>Deletes the folders of test hosts that were killed.</summary>
    public static void DeleteAbandoned()
    {
        foreach (var folder in Directory.GetDirectories(System.IO.Path.GetTempPath(), $"{Prefix}*-*"))
        {
            var name = System.IO.Path.GetFileName(folder)[Prefix.Length..].Split('-');
            if (name is [var host, _] && int.TryParse(host, CultureInfo.InvariantCulture, out var id) && !Directory.Exists($"/proc/{id}"))
            {
                Delete(folder);
            }
        }
    }

    public void Dispose() => Delete(Path);

    private static void Delete(string folder)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException)
            {
                // A process of the test has not ended yet.
                Task.Delay(200).Wait();
            }
            catch (UnauthorizedAccessException)
            {
                return;
            }
        }
    }
}

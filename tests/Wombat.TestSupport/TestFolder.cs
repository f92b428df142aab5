namespace Wombat.TestSupport;

/// <summary>A temporary folder. Other accounts may pass through it, since PostgreSQL runs under another account.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"wombat-test-{Guid.NewGuid():N}"[..24]);
        Directory.CreateDirectory(Path);
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    public void Dispose()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
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

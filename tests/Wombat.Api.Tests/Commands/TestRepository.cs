using Wombat.Infrastructure.Processes;

namespace Wombat.Api.Tests.Commands;

/// <summary>A git repository of this machine with the branch main.</summary>
internal sealed class TestRepository : IDisposable
{
    private const string Link = "-> ";

    private TestRepository(string path) => Path = path;

    public string Path { get; }

    public static async Task<TestRepository> CreateAsync(string folder)
    {
        var repository = new TestRepository(System.IO.Path.Combine(folder, $"{Guid.NewGuid():N}"));
        Directory.CreateDirectory(repository.Path);
        await repository.GitAsync("init", "-q", "-b", "main");
        return repository;
    }

    /// <summary>Commits files: names, each followed by its text, or by <c>-&gt; target</c> for a symbolic link.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync(params string[] files)
    {
        foreach (var file in files.Chunk(2))
        {
            var (path, text) = (System.IO.Path.Combine(Path, file[0]), file[1]);
            if (text.StartsWith(Link, StringComparison.Ordinal))
            {
                File.CreateSymbolicLink(path, text[Link.Length..]);
            }
            else
            {
                await File.WriteAllTextAsync(path, text);
            }
        }

        await GitAsync("add", "-A");
        await GitAsync("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-q", "-m", "change");
        return await GitAsync("rev-parse", "HEAD");
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private async Task<string> GitAsync(params string[] arguments)
    {
        var command = new ChildCommand("/usr/bin/git", arguments, TimeSpan.FromSeconds(20)) { WorkingDirectory = Path };
        var result = await ChildProcess.RunAsync(command, CancellationToken.None);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException(result.ErrorTail);
    }
}

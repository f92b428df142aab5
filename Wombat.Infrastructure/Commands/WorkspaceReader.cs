using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Reads directories of this machine as the account of the runs.</summary>
internal sealed partial class WorkspaceReader(RunSandbox sandbox, RunFolders folders, GitRepositories repositories)
    : IWorkspaceReader,
        IDisposable
{
    private const string Test = "/usr/bin/test";
    private const string Unshare = "/usr/bin/unshare";
    private const int DatabaseBytesMax = 16 * 1024 * 1024;
    private const int MakefileBytesMax = 4 * 1024 * 1024;
    private const int PrlimitMissing = 126;
    private const int ProgramMissing = 127;
    private const int KnownMax = 200;
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitTime = TimeSpan.FromSeconds(10);

    // Every reading of a Makefile runs its code: $(shell), != and included files that are remade. It may only look: its directory is
    // read-only, what is in the directories for temporary files is hidden, there is no network, and the memory is limited. The directory
    // may be in one of those: it is bound again from inside itself.
    private const string ReadMakefile = """
        mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" || exit 125
        for d in /tmp /var/tmp /dev/shm "$2"; do [ ! -d "$d" ] || mount -t tmpfs none "$d" || exit 125; done
        [ "$1" -ef . ] || { mkdir -p "$1" && mount --no-canonicalize --bind . "$1"; } || exit 125
        command -v prlimit >/dev/null || exit 126
        cd "$1" && exec prlimit --as=1073741824 make -pRrq :
        """;

    private static readonly string[] Isolated = ["--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child"];
    private static readonly string[] MakefileNames = ["GNUmakefile", "makefile", "Makefile"];

    private readonly SemaphoreSlim readings = new(2);
    private readonly SemaphoreSlim checkouts = new(2);
    private readonly ConcurrentDictionary<Guid, TargetsDto> known = new();

    public async Task<string?> FindProblemAsync(string path, CancellationToken cancel) =>
        !Directory.Exists(path) ? "does not exist on this machine, or is no directory"
        : await RunAsync([Test, "-r", path, "-a", "-x", path], "/", cancel) is { ExitCode: 0 } ? null
        : $"cannot be read by the account {sandbox.Account}, which runs the commands";

    public async Task<TargetsDto> ReadTargetsAsync(Workspace workspace, GitAccess? repository, CancellationToken cancel)
    {
        if (repository is null)
        {
            return await ReadDirectoryAsync(workspace.Path!, null, cancel);
        }

        return Known(workspace, repository) ?? await CheckOutAsync(workspace, repository, cancel);
    }

    private TargetsDto? Known(Workspace workspace, GitAccess repository) =>
        known.TryGetValue(workspace.Id, out var targets) && targets.Commit == repository.Source.Commit ? targets : null;

    private async Task<TargetsDto> CheckOutAsync(Workspace workspace, GitAccess repository, CancellationToken cancel)
    {
        await EnterAsync(checkouts, cancel);
        try
        {
            if (Known(workspace, repository) is { } read)
            {
                return read;
            }

            using var home = folders.Create($"targets-{Guid.NewGuid():N}", sandbox.User);
            var directory = await repositories.CheckOutAsync(repository, home.Path, cancel);
            var tree = FolderProcesses.RealPath(home.Path);
            var targets = await ReadDirectoryAsync(directory, tree, cancel) with { Commit = repository.Source.Commit };
            Keep(workspace.Id, targets);
            return targets;
        }
        finally
        {
            checkouts.Release();
        }
    }

    private static async Task EnterAsync(SemaphoreSlim places, CancellationToken cancel)
    {
        if (!await places.WaitAsync(WaitTime, cancel))
        {
            throw new ConflictException(ErrorCode.TargetsUnreadable, "Wombat is busy with other workspaces; try again later.");
        }
    }

    private void Keep(Guid workspace, TargetsDto targets)
    {
        if (known.Count >= KnownMax)
        {
            known.Clear();
        }

        known[workspace] = targets;
    }

    // The tree is what a symbolic link in place of the Makefile must not lead out of; null for a directory that an admin has chosen.
    private async Task<TargetsDto> ReadDirectoryAsync(string path, string? tree, CancellationToken cancel)
    {
        await EnterAsync(readings, cancel);
        try
        {
            return await FindProblemAsync(path, cancel) is { } problem
                ? throw new ConflictException(ErrorCode.TargetsUnreadable, $"The directory {path} {problem}.")
                : await ReadFilesAsync(path, tree, cancel);
        }
        catch (TimeoutException)
        {
            throw new ConflictException(
                ErrorCode.TargetsUnreadable,
                $"The Makefile could not be read within {ReadTime.TotalSeconds:F0} s."
            );
        }
        catch (OutputTooLargeException)
        {
            throw new ConflictException(ErrorCode.TargetsUnreadable, "The Makefile has too many targets.");
        }
        finally
        {
            readings.Release();
        }
    }

    public void Dispose()
    {
        readings.Dispose();
        checkouts.Dispose();
    }

    private async Task<TargetsDto> ReadFilesAsync(string path, string? tree, CancellationToken cancel)
    {
        if (tree is not null && await FindLinkAsync(path, tree, cancel) is { } link)
        {
            return new TargetsDto([], $"The {link} is a symbolic link out of the repository.");
        }

        var makefile = await ReadMakefileAsync(path, cancel);
        if (makefile is null)
        {
            return new TargetsDto([], "The directory has no Makefile that the account of the runs can read.");
        }

        var help = MakeDatabase.ReadHelp(makefile);
        return await CanIsolateAsync(cancel)
            ? await ReadDatabaseAsync(path, help, cancel)
            : new TargetsDto(
                [.. help.Select(h => new TargetDto(h.Key, h.Value, null, null))],
                "make runs code while it reads a Makefile, and this machine cannot isolate it: only targets with a ## comment are listed."
            );
    }

    private async Task<TargetsDto> ReadDatabaseAsync(string path, IReadOnlyDictionary<string, string> help, CancellationToken cancel)
    {
        var read = await RunAsync(
            [Unshare, .. Isolated, RunSandbox.Shell, "-c", ReadMakefile, "sh", path, Path.GetTempPath()],
            path,
            cancel
        );
        var targets = MakeDatabase.ReadTargets(read.Output, help);
        var problem =
            read.ExitCode == ProgramMissing ? "make is not installed on this machine."
            : read.ExitCode == PrlimitMissing ? "prlimit is not installed on this machine."
            : FailureRegex().Match(read.ErrorTail) is { Success: true } failure ? failure.Value.Trim()
            : null;
        return new TargetsDto(targets, problem);
    }

    private async Task<string?> FindLinkAsync(string path, string tree, CancellationToken cancel)
    {
        foreach (var name in MakefileNames)
        {
            var real = await RunAsync(["/usr/bin/realpath", "-ze", "--", Path.Combine(path, name)], "/", cancel);
            if (real.ExitCode == 0 && !real.Output.StartsWith($"{tree}/", StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }

    // As the account of the runs: Wombat's own may read more, and a symbolic link may lead there.
    private async Task<string?> ReadMakefileAsync(string path, CancellationToken cancel)
    {
        foreach (var name in MakefileNames)
        {
            var read = await RunAsync(["/usr/bin/head", "-c", $"{MakefileBytesMax}", "--", Path.Combine(path, name)], "/", cancel);
            if (read.ExitCode == 0)
            {
                return read.Output;
            }
        }

        return null;
    }

    private async Task<bool> CanIsolateAsync(CancellationToken cancel) =>
        (await RunAsync([Unshare, .. Isolated, "/bin/true"], "/", cancel)).ExitCode == 0;

    private Task<ChildResult> RunAsync(IReadOnlyList<string> program, string directory, CancellationToken cancel)
    {
        var wrapped = RunSandbox.SwitchTo(sandbox.User).Concat(program).ToList();
        return ChildProcess.RunAsync(
            new ChildCommand(wrapped[0], [.. wrapped.Skip(1)], ReadTime, DatabaseBytesMax)
            {
                WorkingDirectory = directory,
                HasCleanEnvironment = true,
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
                    ["LC_ALL"] = "C",
                },
            },
            cancel
        );
    }

    // What make says at the end about a broken Makefile. That there is no target ":" is what it is asked for.
    [GeneratedRegex(
        @"^.*\*\*\*(?! No rule to make target ':').*Stop\.$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex FailureRegex();
}

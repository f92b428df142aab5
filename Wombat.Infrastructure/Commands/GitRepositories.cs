using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// Reads git repositories. git runs as the account of the runs, in a process namespace of its own and with their limits: a repository or
/// a server that attacks it gains nothing that a run does not have.
/// </summary>
internal sealed class GitRepositories(RunSandbox sandbox, RunFolders folders, WombatSettings settings) : IGitRepositories
{
    private const int ProgramMissing = 127;
    private const int MessageMax = 300;

    // All that git says when the kernel ends the process that writes a pack, because the file is too large.
    private const string PackIncomplete = "fetch-pack: invalid index-pack output";
    private static readonly TimeSpan ListTime = TimeSpan.FromSeconds(20);

    // Servers of the network are often reached by a proxy only, or have certificates of an own authority.
    private static readonly string[] PassedOn = ["http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "GIT_SSL_CAINFO"];

    public string? FindProblem(GitSource source) =>
        source.LocalPath is not { } path || IsAllowed(FolderProcesses.RealPath(path))
            ? null
            : "must be an https address, or in a directory that the setting commands.git_directories allows";

    public async Task<string> ResolveAsync(GitAccess access, CancellationToken cancel)
    {
        EnsureAllowed(access.Source);
        if (access.Source.FixedCommit is { } commit)
        {
            return commit;
        }

        var (source, reference) = (access.Source, access.Source.Reference);
        var names = GitReferences.NamesOf(reference);
        using var home = folders.Create($"git-{Guid.NewGuid():N}", sandbox.User);
        var output = await RunAsync(access, home.Path, ListTime, GitScripts.List, [AddressOf(source), .. names], cancel);
        return GitReferences.FindCommit(output, names)
            ?? throw new GitException(
                ErrorCode.ReferenceNotFound,
                reference is null
                    ? $"The repository {source.Repository} has no default branch."
                    : $"The repository {source.Repository} has no branch or tag {reference}."
            );
    }

    /// <summary>Makes a checkout of the commit in the home directory of a run.</summary>
    /// <returns>The working directory.</returns>
    /// <exception cref="GitException">The repository cannot be read, or does not have the commit or the directory.</exception>
    public async Task<string> CheckOutAsync(GitAccess access, string home, CancellationToken cancel)
    {
        EnsureAllowed(access.Source);
        var source = access.Source;
        string[] arguments =
        [
            AddressOf(source),
            source.Commit!,
            settings.Commands.GitMib.ToString(CultureInfo.InvariantCulture),
            source.Directory ?? ".",
        ];
        return (await RunAsync(access, home, settings.Commands.GitTime, GitScripts.CheckOut, arguments, cancel)).TrimEnd('\n');
    }

    // The path that was checked, which git takes as it is: it would decode a file URL.
    private static string AddressOf(GitSource source) => source.LocalPath ?? source.Repository;

    private bool IsAllowed(string path) => settings.Commands.GitDirectories.Any(d => IsIn(FolderProcesses.RealPath(d), path));

    private static bool IsIn(string directory, string path) =>
        path.StartsWith($"{directory.TrimEnd('/')}/", StringComparison.Ordinal) || path == directory;

    private void EnsureAllowed(GitSource source)
    {
        if (FindProblem(source) is { } problem)
        {
            throw new GitException(ErrorCode.RepositoryUnreachable, $"The repository {source.Repository} {problem}.");
        }
    }

    private async Task<string> RunAsync(
        GitAccess access,
        string home,
        TimeSpan time,
        string script,
        string[] arguments,
        CancellationToken cancel
    )
    {
        var name = $"git-{Guid.NewGuid():N}";
        var bytes = settings.Commands.GitMib * 1024L * 1024;
        string[] program =
        [
            "/usr/bin/prlimit",
            string.Create(CultureInfo.InvariantCulture, $"--fsize={bytes}"),
            RunSandbox.Shell,
            "-c",
            script,
            "sh",
            .. arguments,
        ];

        // Never written to: its end tells the supervisor that Wombat has ended.
        var pipe = new Pipe();
        var command = new ChildCommand(RunSandbox.Shell, await sandbox.WrapAsync(name, program), time)
        {
            WorkingDirectory = home,
            HasCleanEnvironment = true,
            Environment = EnvironmentOf(access, home),
            Input = pipe.Reader.AsStream(),
        };
        try
        {
            var result = await ChildProcess.RunAsync(command, cancel);
            return result.ExitCode == 0 ? result.Output : throw Failure(access.Source, result);
        }
        catch (TimeoutException)
        {
            throw Unreachable(access.Source, $"was not read within {time.TotalSeconds:F0} s.");
        }
        catch (OutputTooLargeException)
        {
            throw new GitException(
                ErrorCode.RepositoryUnreachable,
                $"The repository {access.Source.Repository} has too many references of this name."
            );
        }
        finally
        {
            sandbox.Remove(name);
        }
    }

    private static Dictionary<string, string> EnvironmentOf(GitAccess access, string home)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = home,
            ["TMPDIR"] = home,
            ["LC_ALL"] = "C",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_ALLOW_PROTOCOL"] = access.Source.LocalPath is null ? "https" : "file",
        };
        foreach (var name in PassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        if (access.Token is { } token)
        {
            AddToken(variables, new Uri(access.Source.Repository), token);
        }

        return variables;
    }

    // By the environment: every account can read arguments. The user name is the one that Bitbucket demands; the others take any.
    private static void AddToken(Dictionary<string, string> variables, Uri address, string token)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-token-auth:{token}"));
        variables["GIT_CONFIG_COUNT"] = "2";
        variables["GIT_CONFIG_KEY_0"] = $"http.{address.GetLeftPart(UriPartial.Authority)}/.extraHeader";
        variables["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {basic}";
        variables["GIT_CONFIG_KEY_1"] = "http.followRedirects";
        variables["GIT_CONFIG_VALUE_1"] = "false";
    }

    private GitException Failure(GitSource source, ChildResult result)
    {
        var said = result.ErrorTail;
        return result.ExitCode switch
        {
            GitScripts.ExitNoGit => new GitException(ErrorCode.NotSupported, "git is not installed on this machine."),
            ProgramMissing => new GitException(ErrorCode.NotSupported, $"A program is missing on this machine: {Reason(said)}"),
            GitScripts.ExitNoDirectory => new GitException(
                ErrorCode.ReferenceNotFound,
                $"The commit {source.Commit} has no directory {source.Directory}."
            ),
            GitScripts.ExitTooLarge => TooLarge(source),
            _ when Reason(said) == PackIncomplete => TooLarge(source),
            _ when said.Contains("not our ref", StringComparison.Ordinal) => new GitException(
                ErrorCode.ReferenceNotFound,
                $"The repository {source.Repository} has no commit {source.Commit}."
            ),
            _ => Unreachable(source, $"cannot be read: {Reason(said)}"),
        };
    }

    private GitException TooLarge(GitSource source) =>
        new(
            ErrorCode.RepositoryTooLarge,
            $"The commit {source.Commit} of {source.Repository} is larger than {settings.Commands.GitMib} MiB, or cannot be stored."
        );

    private static GitException Unreachable(GitSource source, string why) =>
        new(ErrorCode.RepositoryUnreachable, $"The repository {source.Repository} {why}", isTemporary: true);

    private static string Reason(string said)
    {
        var line = Array.Find(said.Split('\n'), l => l.StartsWith("fatal: ", StringComparison.Ordinal)) ?? said.Split('\n')[^1];
        var text = new string([.. line.Replace("fatal: ", "", StringComparison.Ordinal).Where(c => !char.IsControl(c))]);
        return text.Length > MessageMax ? $"{text[..MessageMax]}…" : text;
    }
}

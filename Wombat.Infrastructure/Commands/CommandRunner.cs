using System.IO.Pipelines;
using Wombat.Application.Commands;
using Wombat.Application.Jobs;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Runs programs on this machine for runs of commands.</summary>
internal sealed class CommandRunner(RunSandbox sandbox, RunFolders folders, GitRepositories repositories, WombatSettings settings)
    : ICommandRunner
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public string Account => sandbox.Account;

    public Task<IReadOnlyList<string>> GetRestrictionsAsync() => sandbox.RestrictionsAsync();

    public async Task<RunResult> RunAsync(RunCall call, IJobLog log, CancellationToken cancel)
    {
        var name = $"run-{call.RunId:N}";
        using var home = folders.Create(name, sandbox.User);
        var directory = await DirectoryOfAsync(call, home.Path, cancel);

        foreach (var restriction in await sandbox.RestrictionsAsync())
        {
            await log.WriteAsync(restriction, cancel);
        }

        try
        {
            return await RunAsync(await CommandAsync(call, name, directory, home.Path), log, cancel);
        }
        finally
        {
            sandbox.Remove(name);
        }
    }

    private async Task<string> DirectoryOfAsync(RunCall call, string home, CancellationToken cancel)
    {
        try
        {
            var directory = call.Repository is { } access ? await repositories.CheckOutAsync(access, home, cancel) : call.Directory ?? home;
            return Directory.Exists(directory)
                ? directory
                : throw new JobFailedException(ErrorCode.NotFound, $"The directory {directory} does not exist on this machine.");
        }
        catch (GitException e)
        {
            throw new JobFailedException(e.Code, e.Message, e.IsTemporary);
        }
    }

    private async Task<ChildCommand> CommandAsync(RunCall call, string name, string directory, string home) =>
        new(RunSandbox.Shell, await sandbox.WrapAsync(name, call.Arguments), call.Timeout)
        {
            WorkingDirectory = directory,
            HasCleanEnvironment = true,
            Environment = new Dictionary<string, string>(call.Environment, StringComparer.Ordinal)
            {
                ["PATH"] = SearchPath,
                ["HOME"] = home,
                ["TMPDIR"] = home,
                ["LANG"] = "C.UTF-8",
                ["USER"] = sandbox.Account,
                ["LOGNAME"] = sandbox.Account,
                ["WOMBAT_RUN_ID"] = call.RunId.ToString(),
            },
            Grace = settings.Commands.Grace,
        };

    private async Task<RunResult> RunAsync(ChildCommand command, IJobLog log, CancellationToken cancel)
    {
        GroupEnd? end = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var output = new LineOutput((line, token) => RunOutput.WriteAsync(log, line, stop.Cancel, token));

        // Never written to: its end tells the supervisor that Wombat has ended.
        var pipe = new Pipe();
        var held = command with { Input = pipe.Reader.AsStream(), OnEnd = e => end = e };
        var (why, exitCode) = await WaitAsync(held, output, stop.Token, cancel);
        return new RunResult(why, exitCode, Describe(await sandbox.IsolationAsync(), end!, exitCode));
    }

    private static async Task<(RunStop Why, int? ExitCode)> WaitAsync(
        ChildCommand command,
        OutputConsumer output,
        CancellationToken stop,
        CancellationToken cancel
    )
    {
        try
        {
            return (RunStop.Exited, await ChildProcess.RunAsync(command, output, stop));
        }
        catch (TimeoutException)
        {
            return (RunStop.TimedOut, null);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return (RunStop.Cancelled, null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (RunStop.OutputTooLarge, null);
        }
        catch (ProgramMissingException e)
        {
            throw new JobFailedException(ErrorCode.NotSupported, $"Programs cannot be started on this machine: {e.Message}");
        }
    }

    private static RunEnding Describe(Isolation isolation, GroupEnd end, int? exitCode)
    {
        var proven = isolation == Isolation.Namespace && end.IsGone;
        var how = exitCode is { } code ? $"Exited with code {code}" : $"Ended by {string.Join(" and ", end.Signals)}";
        return new RunEnding
        {
            Isolation = isolation,
            Signals = exitCode is null ? end.Signals : [],
            Proven = proven,
            Explanation =
                proven ? $"{how}. No process of the run is left."
                : end.IsGone ? $"{how}. No process of its group is left; whether one has left the group is unknown."
                : $"{how}. A process of the run has not ended yet.",
        };
    }
}

using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>Executes a run.</summary>
internal sealed class RunCommandJob(
    IWombatDbContext db,
    ICommandRunner runner,
    SshRuns sshRuns,
    GroupRuns groupRuns,
    RunRequests requests,
    RunApprovals approvals,
    ParameterReferences references,
    GitWorkspaces repositories,
    AuditLog auditLog,
    HostIdentity here,
    TimeProvider clock
) : IJobHandler
{
    /// <summary>The attempts of a run that may be repeated after its worker was lost.</summary>
    public const int Attempts = 3;

    /// <summary>The attempts of a run on several hosts, which a lost worker does not interrupt: only its parts execute something.</summary>
    private const int GroupAttempts = 10;

    public static readonly JobKind Kind = new(Run.JobKind, Permission.CommandRun)
    {
        Options = new JobOptions(1, IsRepeatable: false),
        OutlivesOutages = true,
    };

    private const int NotExecutable = 126;

    private RunResult? result;

    public static JobOptions OptionsFor(RunInputs inputs) =>
        inputs.Hosts.Count > 0 ? new JobOptions(GroupAttempts, IsRepeatable: true)
        : inputs.Spec.Repeatable ? new JobOptions(Attempts, IsRepeatable: true)
        : Kind.Options;

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var found = await db.FindRunAsync(run.Id, cancel);
        await EnsureApprovedAsync(found, cancel);
        await references.EnsureSameAsync(found, cancel);
        if (found.IsGroup)
        {
            await groupRuns.RunAsync(found, run, cancel);
            End(await db.FindRunAsync(run.Id, cancel));
            return;
        }

        found.Start(found.Inputs.SshHostId is null ? here.Name : found.HostName!);
        var secrets = requests.SecretsOf(found);
        foreach (var secret in secrets.Values)
        {
            run.Log.AddSecret(secret);
        }

        var repository = await repositories.PrepareAsync(found, run.Log, cancel);

        // Saved before the program starts: if Wombat is killed, the run says where it was, and with which commit.
        await db.SaveChangesAsync(cancel);
        var call = CallOf(found, secrets) with { Repository = repository };
        result = found.Inputs.SshHostId is { } host
            ? await sshRuns.RunAsync(host, found, call, run.Log, cancel)
            : await runner.RunAsync(call, run.Log, cancel);
        await run.Log.WriteAsync(result.Ending.Explanation, CancellationToken.None);
        ThrowUnlessSucceeded(found.Inputs.Spec, cancel);
        End(found);
    }

    private static RunCall CallOf(Run run, IReadOnlyDictionary<string, string> secrets) =>
        new(
            run.Id,
            run.Inputs.Arguments,
            run.Inputs.Directory,
            RunEnvironment.Of(run.Inputs, secrets),
            TimeSpan.FromSeconds(run.Inputs.Spec.TimeoutSeconds)
        );

    public Task<bool> HasEarlierWorkAsync(Guid job, CancellationToken cancel) => groupRuns.HasUnfinishedPartsAsync(job, cancel);

    public async Task EndEarlierWorkAsync(JobRun run)
    {
        var found = await db.FindRunAsync(run.Id, CancellationToken.None);
        if (found.IsGroup)
        {
            await groupRuns.EndPartsAsync(found, run);
        }
    }

    public async Task EndedAsync(EndedJob job, CancellationToken cancel)
    {
        var run = await db.FindRunAsync(job.Id, cancel);
        End(run);
        if (run.IsGroup)
        {
            await groupRuns.CancelPartsAsync(run, cancel);
        }
    }

    public async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var run = await db.FindRunAsync(job.Id, cancel);
        requests.EnsureMayRun(run.Inputs.Spec);
        if (run.ParentId is { } group)
        {
            throw new ConflictException(ErrorCode.JobNotRetryable, $"The run belongs to {group}: retry that, or repeat this one.");
        }

        if (run.IsGroup)
        {
            await groupRuns.ReplaceFailedAsync(run, cancel);
        }

        job.AllowAttempts(OptionsFor(run.Inputs).Attempts);
        run.Requeue();
        await approvals.RequestAsync(run, job, cancel);
    }

    // A job whose run waits for an approval starts when the time for it is over.
    private async Task EnsureApprovedAsync(Run run, CancellationToken cancel)
    {
        if (!run.AwaitsApproval)
        {
            return;
        }

        run.Decide(ApprovalState.Expired, null, null, clock.GetUtcNow());
        auditLog.Record(EventAction.RunApprovalExpired, "run", run.Id, run.ProjectId, after: new { run.CommandName });
        await db.SaveChangesAsync(cancel);
        throw new JobFailedException(ErrorCode.ApprovalExpired, "Nobody approved the run in time.");
    }

    private void End(Run run)
    {
        run.End(result is { Stop: RunStop.Exited } ? result.ExitCode : null, result?.Ending);
        if (result is not null)
        {
            auditLog.Record(EventAction.RunEnded, "run", run.Id, run.ProjectId, after: new { run.ExitCode, run.Ending });
        }
    }

    private void ThrowUnlessSucceeded(CommandSpec spec, CancellationToken cancel)
    {
        switch (result)
        {
            case { Stop: RunStop.Cancelled }:
                throw new OperationCanceledException(cancel);
            case { Stop: RunStop.TimedOut }:
                throw ProgramExit.TimedOut(spec.TimeoutSeconds);
            case { Stop: RunStop.OutputTooLarge }:
                throw new JobFailedException(ErrorCode.OutputTooLarge, "The command printed more than a log stores and was ended.");
            case { Stop: RunStop.ConnectionLost }:
                throw new JobFailedException(ErrorCode.HostConnectionLost, "The connection to the host ended before the program did.");
            case { ExitCode: NotExecutable }:
                throw ProgramExit.Failed(NotExecutable, ": the program cannot be executed");
            case { ExitCode: not 0 and var code }:
                throw ProgramExit.Failed(code ?? 0);
        }
    }
}

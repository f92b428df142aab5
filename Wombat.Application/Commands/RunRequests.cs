using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;

namespace Wombat.Application.Commands;

/// <summary>What planning, starting and repeating a run have in common.</summary>
internal sealed class RunRequests(
    IWombatDbContext db,
    RequestContext context,
    JobScheduler scheduler,
    ISecretBox box,
    AuditLog auditLog,
    SshHosts hosts,
    ParameterReferences references,
    RunCancellation cancellation,
    RunApprovals approvals
)
{
    /// <summary>The most runs of one command that wait or run.</summary>
    public const int UnfinishedMax = 200;

    private const string Make = "make";

    /// <summary>Builds the arguments of a run from the values of its parameters.</summary>
    /// <exception cref="InvalidInputException">A value is missing, unknown or not allowed.</exception>
    public async Task<PreparedRun> PrepareAsync(
        Command command,
        IReadOnlyDictionary<string, string?> parameters,
        HostChoice choice,
        CancellationToken cancel
    )
    {
        var spec = command.Spec;
        var given = ParameterValues.Read(spec, parameters);
        var found = await references.FindAsync(spec, command.ProjectId, given, cancel);
        var values = given.ToDictionary(
            v => v.Key,
            v => found.TryGetValue(v.Key, out var named) ? named.Name : v.Value,
            StringComparer.Ordinal
        );
        var chosen = Choose(await hosts.OfAsync(spec, command.ProjectId, cancel), choice, spec);
        var workspace = spec.WorkspaceId is { } id
            ? await db.Workspaces.AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel)
            : null;
        var secret = spec.Parameters.Where(p => p.Type == ParameterType.Secret).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = new RunInputs
        {
            Spec = spec,
            Parameters = values.ToDictionary(v => v.Key, v => secret.Contains(v.Key) ? null : v.Value, StringComparer.Ordinal),
            References = found.ToDictionary(f => f.Key, f => f.Value.Id, StringComparer.Ordinal),
            Arguments = spec.Kind == CommandKind.Make ? [Make, "--", spec.Target!] : ParameterValues.Fill(spec.Arguments, values),
            Directory = workspace?.Path,
            Source = workspace?.Source,
            SshHostId = chosen is [var only] ? only.Id : null,
            Hosts = chosen.Count > 1 ? [.. chosen.Select(h => new RunHost(h.Id, h.Name))] : [],
        };
        return new PreparedRun(inputs, values.Where(v => secret.Contains(v.Key)).ToDictionary(StringComparer.Ordinal), workspace, chosen);
    }

    private static List<SshHost> Choose(List<SshHost> offered, HostChoice choice, CommandSpec spec)
    {
        var chosen = choice.Ids.Select(id => offered.Find(h => h.Id == id)).OfType<SshHost>().ToList();
        var problem =
            spec.Kind != CommandKind.Ssh ? (choice.Ids.Count > 0 || choice.IsAll ? "are only for commands of kind ssh" : null)
            : offered.Count == 0 ? "cannot be chosen: no host has the labels of the command"
            : choice.IsAll && offered.Count > CommandSpec.HostsMax
                ? $"are {offered.Count}, and a run executes on at most {CommandSpec.HostsMax}"
            : choice.IsAll ? (choice.Ids.Count > 0 ? "must be absent with all_hosts" : null)
            : choice.Ids.Count == 0 && offered.Count > 1 ? "are required: the command has several hosts"
            : chosen.Count < choice.Ids.Count ? "must be hosts of the command"
            : choice.Ids.Distinct().Count() < choice.Ids.Count ? "must be different"
            : null;
        return problem is not null ? throw new InvalidInputException("host_ids", problem)
            : choice.Ids.Count == 0 ? offered
            : chosen;
    }

    /// <exception cref="ForbiddenException">The command asks for a higher role than the caller has.</exception>
    public void EnsureMayRun(CommandSpec spec) => EnsureRole(spec.RunBy);

    /// <exception cref="ForbiddenException">The caller has not this role in the project of the command.</exception>
    public void EnsureRole(ProjectRole role)
    {
        var permission = CommandActions.PermissionToRun(role);
        if (PermissionMatrix.Decide(context.Caller!, permission, context.ProjectAccess ?? ProjectAccess.Full) != Decision.Allowed)
        {
            throw new ForbiddenException(FieldNames.Snake(permission.ToString()));
        }
    }

    /// <summary>Checks that runs may be requested in the project, and locks it against its deletion.</summary>
    /// <param name="project">Null for a command of the platform.</param>
    /// <exception cref="ConflictException">The project is inactive or being deleted.</exception>
    public async Task EnsureAcceptsRunsAsync(Guid? project, CancellationToken cancel)
    {
        if (project is { } id)
        {
            (await db.LockProjectAsync(id, exclusive: false, cancel)).EnsureAcceptsResources();
        }
    }

    /// <summary>Adds a run and its job to what is saved. Runs in the caller's transaction, which has locked the command.</summary>
    public Task<RunDto> AddAsync(Command command, PreparedRun prepared, CancellationToken cancel) =>
        AddAsync(
            prepared.Inputs,
            command.Id,
            command.ProjectId,
            job =>
                Run.Create(job, command, prepared.Inputs, Seal(prepared.Secrets), prepared.Workspace?.HostId, prepared.HostName)
                    .OfSchedule(prepared.ScheduleId),
            cancel
        );

    /// <summary>As <see cref="AddAsync(Command, PreparedRun, CancellationToken)"/>, with the inputs of an earlier run.</summary>
    public Task<RunDto> AddRepetitionAsync(Run earlier, CancellationToken cancel) =>
        AddAsync(earlier.Inputs, earlier.CommandId, earlier.ProjectId, earlier.Repeat, cancel);

    /// <summary>The values of the run's secret parameters, by name.</summary>
    public IReadOnlyDictionary<string, string> SecretsOf(Run run) =>
        run.Secrets is { } encrypted
            ? JsonSerializer.Deserialize<Dictionary<string, string>>(box.Open(Run.SecretsPurpose, encrypted))!
            : new Dictionary<string, string>(StringComparer.Ordinal);

    private async Task<RunDto> AddAsync(RunInputs inputs, Guid command, Guid? project, Func<Guid, Run> create, CancellationToken cancel)
    {
        await MakeRoomAsync(inputs.Spec, command, cancel);
        var job = scheduler.Enqueue(RunCommandJob.Kind, new JobTarget(project), RunCommandJob.OptionsFor(inputs));
        var run = create(job.Id);
        await approvals.RequestAsync(run, job, cancel);
        db.Runs.Add(run);
        var answer = RunDto.Of(run, job);
        auditLog.Record(EventAction.RunRequested, "run", run.Id, project, after: answer);
        await db.SaveChangesAsync(cancel);
        return answer;
    }

    /// <summary>Cancels the older runs of the command if the run that was approved now demands that.</summary>
    public async Task MakeWayAsync(Run run, CancellationToken cancel)
    {
        if (run.Inputs.Spec.Concurrency == RunConcurrency.CancelOlder)
        {
            var older = await cancellation.UnfinishedOf(r => r.CommandId == run.CommandId && r.ParentId == null && r.Id < run.Id, cancel);
            await cancellation.CancelAsync(older, cancel);
        }
    }

    private async Task MakeRoomAsync(CommandSpec spec, Guid command, CancellationToken cancel)
    {
        var unfinished = await cancellation.UnfinishedOf(r => r.CommandId == command && r.ParentId == null, cancel);
        if (unfinished.Length > 0 && spec.Concurrency == RunConcurrency.Refuse)
        {
            throw new ConflictException(ErrorCode.CommandBusy, "A run of this command has not ended; the command refuses a second one.");
        }

        if (unfinished.Length >= UnfinishedMax)
        {
            throw new ConflictException(ErrorCode.CommandBusy, $"{UnfinishedMax} runs of this command have not ended; that is the limit.");
        }

        // A run that nobody has approved cancels nothing yet.
        if (spec is { Concurrency: RunConcurrency.CancelOlder, ApprovalBy: null })
        {
            await cancellation.CancelAsync(unfinished, cancel);
        }
    }

    private byte[]? Seal(IReadOnlyDictionary<string, string> secrets) =>
        secrets.Count == 0 ? null : box.Seal(Run.SecretsPurpose, JsonSerializer.SerializeToUtf8Bytes(secrets));
}

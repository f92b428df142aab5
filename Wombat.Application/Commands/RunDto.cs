using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Wombat.Application.Access;
using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>One execution of a command. Its job has the same id; the log is that of the job.</summary>
public sealed class RunDto : IHasActions, IAcceptedResource
{
    public Guid Id { get; init; }

    /// <summary>The job of the run; the same as its id.</summary>
    public Guid JobId { get; set; }

    /// <summary>The command, which may have been changed or deleted since.</summary>
    public Guid CommandId { get; init; }

    public string CommandName { get; init; } = "";

    /// <summary>The version of the command that was executed.</summary>
    public int CommandVersion { get; init; }

    public Guid? ProjectId { get; init; }

    /// <summary>The run has ended when it is succeeded, failed, cancelled or interrupted.</summary>
    public JobState Status { get; init; }

    public CommandKind Kind { get; init; }

    /// <summary>The values by the names of the parameters; null for a secret.</summary>
    public IReadOnlyDictionary<string, string?> Parameters { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The ids of the hosts and resources that parameters name, by the names of the parameters.</summary>
    public IReadOnlyDictionary<string, Guid> ParameterIds { get; init; } = new Dictionary<string, Guid>(StringComparer.Ordinal);

    /// <summary>The program and its arguments, exactly as they are executed.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The working directory; null for a folder of the run, or the home directory on a host of SSH.</summary>
    public string? Directory { get; init; }

    /// <summary>The git repository in whose checkout it runs; null for none.</summary>
    public RunSourceDto? Source { get; init; }

    /// <summary>The machine or the host of SSH that runs it; null before it is known, and for a run on several hosts.</summary>
    public string? Host { get; init; }

    /// <summary>The host of SSH; null for a run on a machine of Wombat.</summary>
    public Guid? SshHostId { get; init; }

    /// <summary>
    /// The hosts of SSH of a run on several, in this order; otherwise empty. <c>/runs/{id}/hosts</c> has the run on each.
    /// </summary>
    public IReadOnlyList<Guid> HostIds { get; init; } = [];

    /// <summary>The run on several hosts that this one belongs to.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>The run that this one repeats.</summary>
    public Guid? RepeatsId { get; init; }

    /// <summary>The schedule that requested it, which may have been deleted since; null when a caller did.</summary>
    public Guid? ScheduleId { get; init; }

    /// <summary>The exit code of the program; null unless it exited by itself.</summary>
    public int? ExitCode { get; init; }

    /// <summary>How its processes ended; null until then, and when that could not be learnt.</summary>
    public RunEndingDto? Ending { get; init; }

    /// <summary>The approval by a second person; null for a run that needs none. Until then the run is queued.</summary>
    public RunApprovalDto? Approval { get; init; }

    /// <summary>Why it failed, was cancelled or interrupted.</summary>
    public JobErrorDto? Error { get; init; }

    /// <summary>Whether the cancellation was requested and the run has not ended yet.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Who requested it.</summary>
    public string RequestedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its worker started it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the caller may do with it in its present state.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }

    /// <summary>The least role that may run it; decides about the actions.</summary>
    [JsonIgnore]
    public Domain.Members.ProjectRole RunBy { get; init; }

    /// <summary>The approval that it waits for; decides about the actions.</summary>
    [JsonIgnore]
    internal RunApproval? Awaited { get; init; }

    /// <summary>Whether the caller is a second person; decides about the actions.</summary>
    [JsonIgnore]
    internal bool IsForeign { get; set; }

    internal static RunDto Of(Run run, Job job) =>
        new()
        {
            Id = run.Id,
            JobId = run.Id,
            CommandId = run.CommandId,
            CommandName = run.CommandName,
            CommandVersion = run.CommandVersion,
            ProjectId = run.ProjectId,
            Status = job.State,
            Kind = run.Inputs.Spec.Kind,
            Parameters = run.Inputs.Parameters,
            ParameterIds = run.Inputs.References,
            Arguments = run.Inputs.Arguments,
            Directory = run.Inputs.Directory,
            Source = RunSourceDto.Of(run.Inputs.Source),
            Host = run.HostName,
            SshHostId = run.Inputs.SshHostId,
            HostIds = [.. run.Inputs.Hosts.Select(h => h.Id)],
            ParentId = run.ParentId,
            RepeatsId = run.RepeatsId,
            ScheduleId = run.ScheduleId,
            ExitCode = run.ExitCode,
            Ending = run.Ending is { } ending
                ? new RunEndingDto(ending.Isolation, ending.Signals, ending.Proven, ending.Explanation)
                : null,
            Error = job.Error is { } error
                ? new JobErrorDto
                {
                    Code = error.Code,
                    Message = error.Message,
                    Retryable = error.Retryable,
                }
                : null,
            CancelRequested = job.CancelRequested,
            RequestedBy = job.RequestedBy,
            CreatedAt = job.CreatedAt,
            StartedAt = job.StartedAt,
            FinishedAt = job.FinishedAt,
            RunBy = run.Inputs.Spec.RunBy,
            Approval = run.Approval is { } approval ? RunApprovalDto.Of(approval) : null,
            Awaited = run.AwaitsApproval ? run.Approval : null,
        };
}

namespace Wombat.Domain.Commands;

/// <summary>One execution of a command. Its job, which has the same id, holds its state and log.</summary>
public sealed class Run
{
    /// <summary>The kind of the job.</summary>
    public const string JobKind = "command.run";

    /// <summary>The purpose with which <see cref="Secrets"/> are encrypted.</summary>
    public const string SecretsPurpose = "runs.secrets";

    private Run() { }

    /// <summary>The id of the run and of its job.</summary>
    public Guid Id { get; private set; }

    /// <summary>The command, which may have been changed or deleted since.</summary>
    public Guid CommandId { get; private set; }

    public string CommandName { get; private set; } = "";

    public int CommandVersion { get; private set; }

    public Guid? ProjectId { get; private set; }

    public RunInputs Inputs { get; private set; } = new();

    /// <summary>The encrypted values of secret parameters, as JSON; kept for repetitions.</summary>
    public byte[]? Secrets { get; private set; }

    /// <summary>The command, if the run waits for earlier ones of it that have not ended.</summary>
    public Guid? QueueId { get; private set; }

    /// <summary>The only machine that can run it: that of its workspace; null for any.</summary>
    public Guid? HostId { get; private set; }

    /// <summary>The machine of Wombat or the host of SSH that runs it, or ran it last; null before that is known.</summary>
    public string? HostName { get; private set; }

    /// <summary>The program that was started on a host of SSH and may run yet, so that a later attempt can end it; null for none.</summary>
    public RemoteProcess? Remote { get; private set; }

    /// <summary>The run on several hosts that this one belongs to.</summary>
    public Guid? ParentId { get; private set; }

    /// <summary>Whether a retry of the run on several hosts has run on this host again, or will.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>The run that this one repeats.</summary>
    public Guid? RepeatsId { get; private set; }

    /// <summary>The schedule that requested it, which may have been deleted since; null when a caller did.</summary>
    public Guid? ScheduleId { get; private set; }

    /// <summary>Null for a run that needs none.</summary>
    public RunApproval? Approval { get; private set; }

    /// <summary>Whether it waits for somebody to approve it.</summary>
    public bool AwaitsApproval { get; private set; }

    /// <summary>The exit code of the program; null when it did not exit by itself.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Null until it is known.</summary>
    public RunEnding? Ending { get; private set; }

    /// <summary>Whether the job has ended.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether it runs on several hosts: on each as a run of its own.</summary>
    public bool IsGroup => Inputs.Hosts.Count > 0;

    /// <param name="machine">The only machine of Wombat that can run it; null for any.</param>
    /// <param name="hostName">Where it will run, if that is known.</param>
    public static Run Create(Guid job, Command command, RunInputs inputs, byte[]? secrets, Guid? machine, string? hostName) =>
        new()
        {
            Id = job,
            CommandId = command.Id,
            CommandName = command.Name,
            CommandVersion = command.Version,
            ProjectId = command.ProjectId,
            Inputs = inputs,
            Secrets = secrets,
            QueueId = QueueOf(command.Id, inputs.Spec),
            HostId = machine,
            HostName = hostName,
        };

    /// <summary>A run with the inputs of this one.</summary>
    public Run Repeat(Guid job) =>
        new()
        {
            Id = job,
            CommandId = CommandId,
            CommandName = CommandName,
            CommandVersion = CommandVersion,
            ProjectId = ProjectId,
            Inputs = Inputs,
            Secrets = Secrets,
            QueueId = QueueOf(CommandId, Inputs.Spec),
            HostId = HostId,
            HostName = HostName,
            RepeatsId = Id,
        };

    /// <summary>The run on one of the hosts of this one.</summary>
    /// <param name="earlier">The program that an earlier one may have left there.</param>
    public Run OnHost(Guid job, RunHost host, RemoteProcess? earlier) =>
        new()
        {
            Id = job,
            CommandId = CommandId,
            CommandName = CommandName,
            CommandVersion = CommandVersion,
            ProjectId = ProjectId,
            Inputs = Inputs with { Hosts = [], SshHostId = host.Id },
            Secrets = Secrets,
            HostName = host.Name,
            Remote = earlier,
            ParentId = Id,
        };

    /// <summary>Lets a retry of the run on several hosts run on this host again.</summary>
    public void Replace() => IsReplaced = true;

    /// <summary>Records the schedule that requests it; null for none.</summary>
    public Run OfSchedule(Guid? schedule)
    {
        ScheduleId = schedule;
        return this;
    }

    /// <summary>Records where it runs, when it starts.</summary>
    public void Start(string hostName) => HostName = hostName;

    /// <summary>Records the commit of its repository, which its retries and repetitions have, too.</summary>
    public void CheckOut(string commit) => Inputs = Inputs with { Source = Inputs.Source! with { Commit = commit } };

    /// <summary>Records the program on a host of SSH.</summary>
    public void StartRemotely(RemoteProcess process) => Remote = process;

    /// <summary>Lets it wait for a second person.</summary>
    public void RequestApproval(RunApproval approval) => (Approval, AwaitsApproval) = (approval, true);

    /// <param name="by">Null for its expiry.</param>
    public void Decide(ApprovalState state, string? by, string? reason, DateTimeOffset now) =>
        (Approval, AwaitsApproval) = (Approval! with { State = state, DecidedBy = by, DecidedAt = now, Reason = reason }, false);

    /// <summary>Queues it again after its end.</summary>
    public void Requeue() => (ExitCode, Ending, IsEnded, Approval) = (null, null, false, null);

    /// <param name="ending">Null if the processes were not started, or their end was not learnt.</param>
    public void End(int? exitCode, RunEnding? ending)
    {
        (ExitCode, Ending, IsEnded, AwaitsApproval) = (exitCode, ending, true, false);
        if (exitCode is not null || ending is { Proven: true })
        {
            Remote = null;
        }
    }

    private static Guid? QueueOf(Guid command, CommandSpec spec) =>
        spec.Concurrency is RunConcurrency.Queue or RunConcurrency.CancelOlder ? command : null;
}

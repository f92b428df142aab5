using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>Shows what a run would execute, without starting it.</summary>
/// <param name="Parameters">Values by the names of the parameters.</param>
/// <param name="Hosts">On which hosts of the command.</param>
[RequirePermission(Permission.CommandRun)]
public sealed record PlanRun(Guid CommandId, IReadOnlyDictionary<string, string?> Parameters, HostChoice Hosts)
    : IRequest<RunPlanDto>,
        ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => CommandId;

    // A record's default ToString would print the values of secrets.
    public override string ToString() => $"{nameof(PlanRun)} {CommandId}";
}

internal sealed class PlanRunHandler(
    IWombatDbContext db,
    RunRequests requests,
    ICommandRunner runner,
    IWorkspaceReader reader,
    HostIdentity here
) : IRequestHandler<PlanRun, RunPlanDto>
{
    public async Task<RunPlanDto> Handle(PlanRun request, CancellationToken cancellationToken)
    {
        var command = await db.FindCommandAsync(request.CommandId, cancellationToken);
        requests.EnsureMayRun(command.Spec);
        var prepared = await requests.PrepareAsync(command, request.Parameters, request.Hosts, cancellationToken);
        var (inputs, secrets, workspace, hosts) = prepared;
        var environment = RunEnvironment.Of(inputs, secrets.ToDictionary(s => s.Key, _ => "***", StringComparer.Ordinal));
        return new RunPlanDto(
            inputs.Arguments,
            inputs.Directory,
            environment,
            hosts.Count == 0
                ? [new RunPlaceDto(prepared.HostName, runner.Account)]
                : [.. hosts.Select(h => new RunPlaceDto(h.Name, h.UserName))],
            command.Spec.TimeoutSeconds,
            hosts.Count == 0 ? await ObjectionsAsync(command, workspace, cancellationToken) : [.. hosts.SelectMany(ObjectionsTo)]
        );
    }

    private static string[] ObjectionsTo(SshHost host) =>
        host.Problem is { } problem ? [$"{host.Name}: {problem}"]
        : host.Untrusted is { } untrusted ? [$"No admin has accepted the host keys of {untrusted.Name}."]
        : [];

    private async Task<IReadOnlyList<string>> ObjectionsAsync(Command command, Workspace? workspace, CancellationToken cancel)
    {
        if (workspace is not null && workspace.HostId != here.Id)
        {
            return [$"The directory is on the machine {workspace.HostName}, which this answer does not come from: nothing was checked."];
        }

        var objections = new List<string>(await runner.GetRestrictionsAsync());
        if (workspace is not null && await reader.FindProblemAsync(workspace.Path, cancel) is { } problem)
        {
            objections.Add($"The directory {workspace.Path} {problem}.");
        }
        else if (workspace is not null && command.Spec is { Kind: CommandKind.Make, Target: { } target })
        {
            objections.AddRange(await MissingTargetAsync(workspace, target, cancel));
        }

        return objections;
    }

    private async Task<IReadOnlyList<string>> MissingTargetAsync(Workspace workspace, string target, CancellationToken cancel)
    {
        try
        {
            var (targets, problem) = await reader.ReadTargetsAsync(workspace, cancel);
            string[] missing = targets.Any(t => t.Name == target) ? [] : [$"The Makefile has no target {target}."];
            return problem is null ? missing : [.. missing, problem];
        }
        catch (ConflictException e)
        {
            return [e.Message];
        }
    }
}

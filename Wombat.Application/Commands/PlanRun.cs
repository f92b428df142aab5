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
    GitWorkspaces repositories,
    HostIdentity here
) : IRequestHandler<PlanRun, RunPlanDto>
{
    public async Task<RunPlanDto> Handle(PlanRun request, CancellationToken cancellationToken)
    {
        var command = await db.FindCommandAsync(request.CommandId, cancellationToken);
        requests.EnsureMayRun(command.Spec);
        var prepared = await requests.PrepareAsync(command, request.Parameters, request.Hosts, cancellationToken);
        var (inputs, secrets, workspace, hosts) = prepared;
        var objections = hosts.Count > 0 ? [.. hosts.SelectMany(ObjectionsTo)] : new List<string>(await runner.GetRestrictionsAsync());
        var source =
            workspace is null || hosts.Count > 0 ? null : await ObjectAsync(command.Spec, workspace, objections, cancellationToken);
        var environment = RunEnvironment.Of(inputs, secrets.ToDictionary(s => s.Key, _ => "***", StringComparer.Ordinal));
        return new RunPlanDto(
            inputs.Arguments,
            inputs.Directory,
            environment,
            hosts.Count == 0
                ? [new RunPlaceDto(prepared.HostName, runner.Account)]
                : [.. hosts.Select(h => new RunPlaceDto(h.Name, h.UserName))],
            command.Spec.TimeoutSeconds,
            objections,
            RunSourceDto.Of(source)
        );
    }

    private static string[] ObjectionsTo(SshHost host) =>
        host.Problem is { } problem ? [$"{host.Name}: {problem}"]
        : host.Untrusted is { } untrusted ? [$"No admin has accepted the host keys of {untrusted.Name}."]
        : [];

    // Returns the repository, with its commit if that can be learnt.
    private async Task<GitSource?> ObjectAsync(CommandSpec spec, Workspace workspace, List<string> objections, CancellationToken cancel)
    {
        if (workspace.HostId != here.Id)
        {
            objections.Clear();
            objections.Add(
                $"The workspace is on the machine {workspace.HostName}, which this answer does not come from: nothing was checked."
            );
            return workspace.Source;
        }

        var access = repositories.AccessTo(workspace);
        try
        {
            access = access is null ? null : await repositories.ResolveAsync(access, cancel);
            if (workspace.Path is { } path && await reader.FindProblemAsync(path, cancel) is { } problem)
            {
                objections.Add($"The directory {path} {problem}.");
            }
            else if (spec is { Kind: CommandKind.Make, Target: { } target })
            {
                objections.AddRange(await MissingTargetAsync(workspace, access, target, cancel));
            }
        }
        catch (GitException e)
        {
            objections.Add(e.Message);
        }

        return access?.Source;
    }

    private async Task<IReadOnlyList<string>> MissingTargetAsync(
        Workspace workspace,
        GitAccess? access,
        string target,
        CancellationToken cancel
    )
    {
        try
        {
            var (targets, problem, _) = await reader.ReadTargetsAsync(workspace, access, cancel);
            string[] missing = targets.Any(t => t.Name == target) ? [] : [$"The Makefile has no target {target}."];
            return problem is null ? missing : [.. missing, problem];
        }
        catch (ConflictException e)
        {
            return [e.Message];
        }
    }
}

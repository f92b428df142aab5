using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>What a caller can do with a run.</summary>
public sealed class RunActions(AllowedActions allowed, RequestContext context)
{
    private static readonly IReadOnlyList<ActionRule<RunDto>> Rules =
    [
        new("approve", Permission.CommandRun, r => IsDecidable(r, Permission.CommandRun)),
        new("approve", Permission.CommandRunRestricted, r => IsDecidable(r, Permission.CommandRunRestricted)),
        new("reject", Permission.CommandRun, r => IsDecidable(r, Permission.CommandRun)),
        new("reject", Permission.CommandRunRestricted, r => IsDecidable(r, Permission.CommandRunRestricted)),
        new("cancel", Permission.CommandRun, r => !r.Status.IsEnded() && !r.CancelRequested),
        new("repeat", Permission.CommandRun, r => r.Status.IsEnded() && CommandActions.PermissionToRun(r.RunBy) == Permission.CommandRun),
        new(
            "repeat",
            Permission.CommandRunRestricted,
            r => r.Status.IsEnded() && CommandActions.PermissionToRun(r.RunBy) == Permission.CommandRunRestricted
        ),
    ];

    public static IEnumerable<string> Names => Rules.Select(r => r.Name).Distinct(StringComparer.Ordinal);

    public RunDto Apply(RunDto item)
    {
        item.IsForeign = item.Awaited?.IsSecondPerson(context.Caller!) ?? false;
        allowed.Apply(Rules, item);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public async Task<List<RunDto>> ApplyAsync(List<RunDto> items, CancellationToken cancel)
    {
        items.ForEach(item => item.IsForeign = item.Awaited?.IsSecondPerson(context.Caller!) ?? false);
        await allowed.ApplyAsync(items, _ => Rules, item => item.ProjectId, cancel);
        return items;
    }

    private static bool IsDecidable(RunDto run, Permission permission) =>
        run is { Awaited: { } approval, IsForeign: true } && CommandActions.PermissionToRun(approval.By) == permission;
}

using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>What a caller can do with a run.</summary>
public sealed class RunActions(AllowedActions allowed)
{
    private static readonly IReadOnlyList<ActionRule<RunDto>> Rules =
    [
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
        allowed.Apply(Rules, item);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public async Task<List<RunDto>> ApplyAsync(List<RunDto> items, CancellationToken cancel)
    {
        await allowed.ApplyAsync(items, _ => Rules, item => item.ProjectId, cancel);
        return items;
    }
}

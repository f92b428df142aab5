using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>What a caller can do with a schedule.</summary>
public sealed class ScheduleActions(AllowedActions allowed)
{
    private static readonly IReadOnlyList<ActionRule<ScheduleDto>> Rules =
    [
        new("update", Permission.CommandManage, _ => true),
        new("delete", Permission.CommandManage, _ => true),
    ];

    public static IEnumerable<string> Names => Rules.Select(r => r.Name);

    public ScheduleDto Apply(ScheduleDto item)
    {
        allowed.Apply(Rules, item);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public Task ApplyAsync(IReadOnlyCollection<ScheduleDto> items, CancellationToken cancel) =>
        allowed.ApplyAsync(items, _ => Rules, item => item.ProjectId, cancel);
}

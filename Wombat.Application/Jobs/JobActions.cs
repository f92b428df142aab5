using System.Collections.Concurrent;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>What a caller can do with a job. The permissions depend on the job kind.</summary>
public sealed class JobActions(AllowedActions allowed, JobKinds kinds)
{
    private static readonly ConcurrentDictionary<(Permission Cancel, Permission Retry), ActionRule<JobDto>[]> Rules = new();

    public static IEnumerable<string> Names => RulesWith(default).Select(r => r.Name);

    /// <summary>For an item of the project or job that the message is about.</summary>
    public JobDto Apply(JobDto item)
    {
        allowed.Apply(RulesFor(item), item);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public async Task<List<JobDto>> ApplyAsync(List<JobDto> items, CancellationToken cancel)
    {
        await allowed.ApplyAsync(items, item => RulesFor(item), item => item.ProjectId, cancel);
        return items;
    }

    private ActionRule<JobDto>[] RulesFor(JobDto item) =>
        Rules.GetOrAdd((kinds.PermissionFor(JobAction.Cancel, item.Kind), kinds.PermissionFor(JobAction.Retry, item.Kind)), RulesWith);

    private static ActionRule<JobDto>[] RulesWith((Permission Cancel, Permission Retry) needed) =>
        [
            new(
                "cancel",
                needed.Cancel,
                j => j.Status is JobState.Queued or JobState.WaitingRetry or JobState.Running && !j.CancelRequested
            ),
            new("retry", needed.Retry, j => j.Status is JobState.Failed or JobState.Cancelled),
        ];
}

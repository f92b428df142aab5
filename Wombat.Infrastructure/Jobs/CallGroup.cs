using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Makes calls to the database together: while some are under way, further ones collect and are made at once, so that many callers cost not
/// many more round trips and commits than one.
/// </summary>
/// <param name="make">Makes some calls and returns an answer for each.</param>
/// <param name="bytesOf">The size of what a call sends; null if it is small.</param>
internal sealed class CallGroup<TCall, TAnswer>(
    Func<IReadOnlyList<TCall>, Task<IReadOnlyList<TAnswer>>> make,
    Func<TCall, int>? bytesOf = null
)
{
    // The database works on one group while this process prepares another.
    private const int GroupsAtOnce = 2;
    private const int CallsAtOnce = 50;

    // Who sends little does not wait long for those who send much.
    private const int BytesAtOnce = 1024 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<(TCall Call, TaskCompletionSource<TAnswer> Answer)> waiting = new();
    private int underWay;

    /// <summary>Returns the answer to one call. Fails as it fails alone.</summary>
    public Task<TAnswer> CallAsync(TCall call)
    {
        var answer = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Enqueue((call, answer));
            if (underWay < GroupsAtOnce)
            {
                underWay++;
                _ = Task.Run(CallWaitingAsync);
            }
        }

        return answer.Task;
    }

    private async Task CallWaitingAsync()
    {
        while (Next() is { Count: > 0 } group)
        {
            await AnswerAsync(group);
        }
    }

    private List<(TCall Call, TaskCompletionSource<TAnswer> Answer)> Next()
    {
        lock (gate)
        {
            var group = new List<(TCall, TaskCompletionSource<TAnswer>)>();
            var bytes = 0;
            while (group.Count < CallsAtOnce && bytes < BytesAtOnce && waiting.TryDequeue(out var next))
            {
                group.Add(next);
                bytes += bytesOf?.Invoke(next.Call) ?? 0;
            }

            underWay -= group.Count == 0 ? 1 : 0;
            return group;
        }
    }

    private async Task AnswerAsync(List<(TCall Call, TaskCompletionSource<TAnswer> Answer)> group)
    {
        try
        {
            var answers = await make(group.ConvertAll(c => c.Call));
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Answer.SetResult(answers[i]);
            }
        }
        catch (Exception e) when (group.Count > 1 && !DatabaseErrors.IsUnavailable(e))
        {
            // One call that the database refuses must not fail the others.
            foreach (var call in group)
            {
                await AnswerAsync([call]);
            }
        }
        catch (Exception e)
        {
            group.ForEach(c => c.Answer.SetException(e));
        }
    }
}

using System.Collections.Concurrent;
using Wombat.Application.Jobs;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>Records what the handlers of these tests did, and controls the scripted one.</summary>
internal sealed class RunRecord
{
    private readonly ConcurrentDictionary<Guid, int> running = new();
    private int overlaps;

    public Func<JobRun, IServiceProvider, CancellationToken, Task> Script { get; set; } = (_, _, _) => Task.CompletedTask;

    public ConcurrentQueue<string> Ran { get; } = new();

    public ConcurrentQueue<EndedJob> Ended { get; } = new();

    public int Overlaps => overlaps;

    public void Enter(Guid resource)
    {
        if (running.AddOrUpdate(resource, 1, (_, n) => n + 1) > 1)
        {
            Interlocked.Increment(ref overlaps);
        }
    }

    public void Leave(Guid resource, string arguments)
    {
        Ran.Enqueue(arguments.Trim('"'));
        running.AddOrUpdate(resource, 0, (_, n) => n - 1);
    }
}

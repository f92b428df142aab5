namespace Wombat.Infrastructure.Jobs;

/// <summary>Claimed jobs that wait for a slot of this process: projects take turns. Thread-safe.</summary>
internal sealed class FairJobQueue
{
    private readonly Dictionary<Guid, Queue<RunningJob>> byProject = [];
    private readonly Queue<Guid> turns = new();
    private readonly SemaphoreSlim available = new(0);
    private readonly Lock gate = new();

    public void Add(RunningJob job)
    {
        lock (gate)
        {
            var project = job.Job.ProjectId ?? Guid.Empty;
            if (!byProject.TryGetValue(project, out var queue))
            {
                byProject[project] = queue = new Queue<RunningJob>();
                turns.Enqueue(project);
            }

            queue.Enqueue(job);
        }

        available.Release();
    }

    public async Task<RunningJob> TakeAsync(CancellationToken cancel)
    {
        await available.WaitAsync(cancel);
        lock (gate)
        {
            return Next();
        }
    }

    /// <summary>Takes what nobody has begun to take, for a drain.</summary>
    public List<RunningJob> TakeAll()
    {
        var jobs = new List<RunningJob>();
        lock (gate)
        {
            while (available.Wait(0))
            {
                jobs.Add(Next());
            }
        }

        return jobs;
    }

    // For each job added one is let through, so there is one.
    private RunningJob Next()
    {
        var project = turns.Dequeue();
        var queue = byProject[project];
        var job = queue.Dequeue();
        if (queue.Count == 0)
        {
            byProject.Remove(project);
        }
        else
        {
            turns.Enqueue(project);
        }

        return job;
    }
}

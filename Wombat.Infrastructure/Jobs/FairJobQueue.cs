namespace Wombat.Infrastructure.Jobs;

/// <summary>A thread-safe queue of claimed jobs that wait for a slot of this process. Projects take turns.</summary>
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

    /// <summary>Removes all jobs that are not being taken, for a drain.</summary>
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

    // The semaphore is released once per added job, so there is a job.
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

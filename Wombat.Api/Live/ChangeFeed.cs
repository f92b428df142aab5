using Wombat.Application.Changes;
using Wombat.Application.Common;
using Wombat.Application.Persistence;

namespace Wombat.Api.Live;

/// <summary>
/// Finds changes once for all streams of this process, and only while there are streams: the events of the event feed, and the
/// differences between two reads of the jobs that have not ended. Reads versions and access for each batch, not for each stream.
/// </summary>
internal sealed class ChangeFeed(
    IServiceScopeFactory scopes,
    EventFeed events,
    ChangeMapper mapper,
    INotificationBus notifications,
    IDatabaseAvailability availability,
    TimeProvider clock,
    ILogger<ChangeFeed> log
) : BackgroundService
{
    private const int KeptBatches = 200;

    // The time between two reads of the jobs is at least this long, and this many times as long as the read took.
    private const int JobReadShare = 10;
    private static readonly TimeSpan JobReadPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestJobReadPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<Guid, int> users = [];
    private volatile Window window = new(0, [], IsReading: false);
    private readonly Signal changed = new();
    private INotificationSubscription? jobStates;
    private int streams;

    // Used by the loop only.
    private long position;
    private Dictionary<Guid, UnfinishedJob> jobs = [];
    private Task? woken;
    private bool areJobsDue;
    private long jobsReadAt;
    private TimeSpan jobsPause = JobReadPause;

    /// <summary>Whether changes are being read; that begins shortly after the first stream is registered.</summary>
    public bool IsReading => window.IsReading;

    /// <summary>Completes when there are new batches. Get it before reading them.</summary>
    public Task Changed => changed.Task;

    /// <summary>The number of the newest batch. Get it before reading from the database what came before.</summary>
    public long Newest => window.First + window.Batches.Length - 1;

    /// <summary>Registers a stream of a user, or of a token without a user. The feed reads until all registrations are disposed.</summary>
    public IDisposable Follow(Guid? user)
    {
        lock (gate)
        {
            if (user is { } known)
            {
                users[known] = users.GetValueOrDefault(known) + 1;
            }

            if (++streams == 1)
            {
                jobStates?.Wake();
            }
        }

        return new Stream(this, user);
    }

    /// <summary>The batches after this number; null if they are not kept, or the feed is not reading.</summary>
    public ArraySegment<Batch>? After(long number)
    {
        var now = window;
        var from = number + 1 - now.First;
        return now.IsReading && from >= 0 && from <= now.Batches.Length
            ? new ArraySegment<Batch>(now.Batches, (int)from, now.Batches.Length - (int)from)
            : (ArraySegment<Batch>?)null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = notifications.Subscribe(Topics.JobStates);
        jobStates = subscription;
        IDisposable? followed = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var news = events.Changed;
                if (Volatile.Read(ref streams) == 0)
                {
                    followed?.Dispose();
                    followed = null;
                    Skip(isReading: false);
                }
                else
                {
                    followed ??= events.Follow();
                    await ReadAsync(stoppingToken);
                }

                await WaitAsync(subscription, news, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                if (!availability.Report(e))
                {
                    log.LogError(e, "Cannot read changes");
                }

                await Task.Delay(PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        followed?.Dispose();
    }

    // Until there are events, the jobs have changed, or a due read of the jobs may happen.
    private async Task WaitAsync(INotificationSubscription subscription, Task news, CancellationToken cancel)
    {
        woken ??= subscription.WaitAsync(PollInterval, cancel);
        await (
            window.IsReading && areJobsDue ? Task.WhenAny(woken, news, Task.Delay(JobsWait(), clock, cancel)) : Task.WhenAny(woken, news)
        );
        if (woken.IsCompleted)
        {
            var wait = woken;
            (woken, areJobsDue) = (null, true);
            await wait;
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        if (!events.IsReading)
        {
            Skip(isReading: false);
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var fresh = window.IsReading ? events.After(position) : null;
        var isJobRead = fresh is null || areJobsDue && JobsWait() == TimeSpan.Zero;
        var last = fresh?.Last ?? events.Last;
        var unfinished = isJobRead ? await ReadJobsAsync(scope.ServiceProvider, cancel) : jobs;
        if (fresh is not { } now)
        {
            // Nothing was read before, or too much has happened since: streams catch up from the database.
            Skip(isReading: true);
        }
        else if (now.Last > position || isJobRead)
        {
            // Differences first: of several changes of a job the last is told, and its event has the newer position.
            await AddAsync(scope.ServiceProvider, [.. Differences(unfinished), .. now.Events.SelectMany(mapper.Map)], now.Last, cancel);
        }

        (position, jobs, areJobsDue) = (last, unfinished, areJobsDue && !isJobRead);
    }

    private TimeSpan JobsWait() =>
        clock.GetElapsedTime(jobsReadAt) is var passed && passed < jobsPause ? jobsPause - passed : TimeSpan.Zero;

    private async Task<Dictionary<Guid, UnfinishedJob>> ReadJobsAsync(IServiceProvider services, CancellationToken cancel)
    {
        var from = clock.GetTimestamp();
        var read = await UnfinishedJob.ReadAllAsync(services.GetRequiredService<IWombatDbContext>().Jobs, cancel);
        jobsReadAt = clock.GetTimestamp();
        var share = JobReadShare * clock.GetElapsedTime(from, jobsReadAt).Ticks;
        jobsPause = TimeSpan.FromTicks(Math.Clamp(share, JobReadPause.Ticks, LongestJobReadPause.Ticks));
        return read.ToDictionary(j => j.Id);
    }

    private IEnumerable<Change> Differences(Dictionary<Guid, UnfinishedJob> now) =>
        ReferenceEquals(now, jobs)
            ? []
            : now
                .Values.Where(j => jobs.GetValueOrDefault(j.Id) != j)
                .Concat(jobs.Values.Where(j => !now.ContainsKey(j.Id)))
                .Select(j => ChangeMapper.OfJob(j.Id, j.ProjectId));

    private async Task AddAsync(IServiceProvider services, List<Change> changes, long last, CancellationToken cancel)
    {
        if (changes.Count == 0 && last == position)
        {
            return;
        }

        HashSet<Guid> readers;
        lock (gate)
        {
            readers = [.. users.Keys];
        }

        var batch =
            changes.Count == 0 ? ChangeBatch.Empty : await services.GetRequiredService<ChangeReader>().ReadAsync(changes, readers, cancel);
        var now = window;
        Batch[] all = [.. now.Batches, new Batch(batch, last)];
        var dropped = Math.Max(0, all.Length - KeptBatches);
        Publish(new Window(now.First + dropped, all[dropped..], IsReading: true));
    }

    private void Skip(bool isReading)
    {
        if (isReading || window.IsReading)
        {
            Publish(new Window(Newest + 2, [], isReading));
        }
    }

    private void Publish(Window next)
    {
        window = next;
        changed.Set();
    }

    /// <param name="Position">The position up to which the events are in this batch and those before it.</param>
    public sealed record Batch(ChangeBatch Changes, long Position);

    /// <param name="First">The number of the first batch. It leaves one out where streams must read from the database.</param>
    private sealed record Window(long First, Batch[] Batches, bool IsReading);

    private sealed class Stream(ChangeFeed feed, Guid? user) : IDisposable
    {
        public void Dispose()
        {
            lock (feed.gate)
            {
                feed.streams--;
                if (user is { } known && --feed.users[known] == 0)
                {
                    feed.users.Remove(known);
                }
            }
        }
    }
}

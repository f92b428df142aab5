using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wombat.Application.Commands;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Commands;

/// <summary>Lets the schedules of commands fire whose times have come.</summary>
public sealed class ScheduleFiring(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ScheduleFiring> log)
{
    private const int BatchSize = 1000;
    private const int Parallelism = 4;

    /// <summary>
    /// Handles all times that have come. A schedule that fails does not keep the others from firing; one that makes up for many times does
    /// not keep them waiting either.
    /// </summary>
    /// <returns>When the next time comes; null for never.</returns>
    public async Task<DateTimeOffset?> FireDueAsync(CancellationToken cancel)
    {
        // A pass after which nothing more should be due is the last one: what is due all the same would be so again at once.
        while (await ReadDueAsync(cancel) is { Length: > 0 } due && (await FireAsync(due, cancel) || due.Length == BatchSize)) { }

        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IWombatDbContext>().Schedules.MinAsync(s => s.NextFireAt, cancel);
    }

    private async Task<(Guid Id, Guid Command)[]> ReadDueAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var ahead = now + Schedule.ClockTolerance;
        await using var scope = scopes.CreateAsyncScope();
        var due = await scope
            .ServiceProvider.GetRequiredService<IWombatDbContext>()
            .Schedules.Where(s => s.NextFireAt <= now || s.NextFireAt != null && s.HandledUntil > ahead)
            .OrderBy(s => s.NextFireAt)
            .Take(BatchSize)
            .Select(s => new { s.Id, s.CommandId })
            .ToListAsync(cancel);
        return [.. due.Select(d => (d.Id, d.CommandId))];
    }

    // Returns whether another time of one of them has come.
    private async Task<bool> FireAsync((Guid Id, Guid Command)[] due, CancellationToken cancel)
    {
        // In another order on each replica, so that they do not wait for each other at every schedule.
        Random.Shared.Shuffle(due);
        var more = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancel };
        await Parallel.ForEachAsync(
            due,
            options,
            async (one, token) =>
            {
                if (await FireAsync(one, token))
                {
                    Interlocked.Increment(ref more);
                }
            }
        );
        return more > 0;
    }

    private async Task<bool> FireAsync((Guid Id, Guid Command) due, CancellationToken cancel)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await scope
                .ServiceProvider.GetRequiredService<IScheduleFires>()
                .FireAsync(due.Id, due.Command, clock.GetUtcNow(), cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && DatabaseErrors.AsExternal(e) is { IsRetryable: true } temporary)
        {
            log.LogWarning("Schedule {ScheduleId} could not be handled and is tried again: {Error}", due.Id, temporary.Message);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogError(e, "Schedule {ScheduleId} could not be handled and waits", due.Id);
            await PostponeAsync(due.Id, cancel);
        }

        return false;
    }

    private async Task PostponeAsync(Guid schedule, CancellationToken cancel)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IScheduleFires>().PostponeAsync(schedule, clock.GetUtcNow(), cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogError(e, "Schedule {ScheduleId} could not be made to wait", schedule);
        }
    }
}

using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Databases;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Tiers;

/// <summary>
/// Resizes the databases that do not have the present version of their tier, a few at a time. The resizes are jobs of their own, by which
/// a repeated run finds what an earlier one has done.
/// </summary>
internal sealed class RollOutTierJob(
    IWombatDbContext db,
    OperationRequests<Database, DatabaseSpec, DatabaseDto> requests,
    TimeProvider clock
) : IJobHandler
{
    public static readonly TypedJobKind<TierRollout> Kind = new("tier.rollout", Permission.TierManage);

    private const int NamedMax = 50;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    // Also in error: that is what a failed resize leaves, which a retry of the job tries again.
    private static readonly ResourceStatus[] Changeable = [ResourceStatus.Ready, ResourceStatus.Degraded, ResourceStatus.Error];

    public static string? TierOf(string arguments) => JsonSerializer.Deserialize<TierRollout>(arguments, WombatJson.Options)?.Tier;

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var (name, parallel) = Kind.ArgumentsOf(run);
        var children = await db.Jobs.AsNoTracking().Where(j => j.ParentId == run.Id).OrderBy(j => j.Id).ToListAsync(cancel);
        if (children.Exists(j => !j.IsEnded))
        {
            throw new JobSnoozedException(PollInterval, run.Progress ?? 0);
        }

        if (run.Progress is not null)
        {
            await EnsureSucceededAsync(children, cancel);
        }

        var tier = await db.FindTierAsync(name, cancel);
        if (await ResizeNextAsync(tier, parallel, run, cancel))
        {
            throw new JobSnoozedException(PollInterval, progress: 0);
        }

        await ReportEndAsync(tier, run, cancel);
    }

    // The last job of each database counts: an earlier one may have failed before this job was retried.
    private async Task EnsureSucceededAsync(List<Job> children, CancellationToken cancel)
    {
        if (children.GroupBy(j => j.ResourceId).Select(g => g.Last()).FirstOrDefault(j => j.State != JobState.Succeeded) is { } failed)
        {
            var database = await db.Databases.AsNoTracking().SingleAsync(d => d.Id == failed.ResourceId, cancel);
            throw new JobFailedException(
                ErrorCode.RolloutStopped,
                $"The resize of {database.ExternalName} did not succeed: {failed.Error?.Message ?? "see its job"} "
                    + "The other databases keep what they have."
            );
        }
    }

    /// <returns>Whether resizes were requested, which are waited for.</returns>
    private async Task<bool> ResizeNextAsync(Tier tier, int parallel, JobRun run, CancellationToken cancel)
    {
        var requested = 0;
        for (var last = Guid.Empty; requested < parallel; )
        {
            var next = await db
                .Databases.AsNoTracking()
                .Outdated(tier)
                .Where(d => d.Id > last && Changeable.Contains(d.Status))
                .OrderBy(d => d.Id)
                .FirstOrDefaultAsync(cancel);
            if (next is null)
            {
                break;
            }

            last = next.Id;
            requested += await ResizeAsync(next, tier, run, cancel) ? 1 : 0;
        }

        return requested > 0;
    }

    private async Task<bool> ResizeAsync(Database database, Tier tier, JobRun run, CancellationToken cancel)
    {
        try
        {
            if (TierDifferences.Between(database.Spec.Settings, tier.Spec).Count == 0)
            {
                await TakeVersionAsync(database.Id, tier, cancel);
                await run.Log.WriteAsync($"{database.ExternalName} already has what the tier promises.", cancel);
                return false;
            }

            var arguments = new ResizeDatabase(tier.Name);
            var accepted = await requests.AcceptAsync<AcceptedDatabase>(
                database.ProjectId,
                database.Id,
                DatabaseKind.ResizeOperation,
                arguments,
                cancel
            );
            await run.Log.WriteAsync($"Resizing {database.ExternalName} (database {database.Id}, job {accepted.JobId}).", cancel);
            return true;
        }
        catch (ConflictException e)
        {
            // Its state has changed meanwhile.
            await run.Log.WriteAsync($"Left out {database.ExternalName}: {e.Message}", cancel);
            return false;
        }
        catch (Exception e) when (e is InvalidInputException or BudgetExceededException)
        {
            var reason = e is InvalidInputException invalid ? string.Join(" ", invalid.Errors.Values.SelectMany(v => v)) : e.Message;
            throw new JobFailedException(
                ErrorCode.RolloutStopped,
                $"{database.ExternalName} cannot be resized: {reason} The other databases keep what they have."
            );
        }
        finally
        {
            // What a refused request has left would be saved with the end of this job.
            db.Context.ChangeTracker.Clear();
        }
    }

    private async Task TakeVersionAsync(Guid id, Tier tier, CancellationToken cancel)
    {
        var database = await db.Databases.SingleAsync(d => d.Id == id, cancel);
        database.BeginResize(new TierChange(tier.Name, tier.Version, tier.Spec), clock.GetUtcNow());
        database.CompleteResize(clock.GetUtcNow());
        await db.SaveChangesAsync(cancel);
    }

    private async Task ReportEndAsync(Tier tier, JobRun run, CancellationToken cancel)
    {
        var leftOut = await db
            .Databases.AsNoTracking()
            .Outdated(tier)
            .OrderBy(d => d.Id)
            .Take(NamedMax)
            .Select(d => new { d.ExternalName, d.Status })
            .ToListAsync(cancel);
        foreach (var database in leftOut)
        {
            await run.Log.WriteAsync($"Left out {database.ExternalName}: it is {FieldNames.Snake(database.Status.ToString())}.", cancel);
        }

        await run.Log.WriteAsync(
            leftOut.Count == 0
                ? $"All databases of the tier {tier.Name} have its version {tier.Version}."
                : $"The other databases of the tier {tier.Name} have its version {tier.Version}.",
            cancel
        );
    }
}

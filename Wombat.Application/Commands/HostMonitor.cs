using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>
/// Contacts trusted hosts of SSH from time to time, so that people see which of them can be reached before they run something.
/// </summary>
public sealed class HostMonitor(IServiceScopeFactory scopes, TimeProvider clock)
{
    /// <summary>How many hosts are contacted at the same time.</summary>
    private const int Parallelism = 4;

    private const int BatchSize = 100;

    /// <summary>Contacts the hosts whose last contact is older than <paramref name="age"/>, once over all replicas.</summary>
    public async Task ContactDueAsync(TimeSpan age, CancellationToken cancel)
    {
        var due = await ReadAsync(clock.GetUtcNow() - age, cancel);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancel };
        await Parallel.ForEachAsync(due, options, async (host, token) => await ContactAsync(host, token));
    }

    private async Task<List<SshHost>> ReadAsync(DateTimeOffset before, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        return await db
            .SshHosts.AsNoTracking()
            .Include(h => h.JumpHost)
            .Where(h => h.State != SshHostState.Unverified && h.State != SshHostState.KeyChanged && h.CheckedAt < before)
            .OrderBy(h => h.CheckedAt)
            .Take(BatchSize)
            .ToListAsync(cancel);
    }

    private async Task ContactAsync(SshHost host, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var now = clock.GetUtcNow();
        var mine = await db
            .SshHosts.Where(h => h.Id == host.Id && h.CheckedAt == host.CheckedAt)
            .ExecuteUpdateAsync(h => h.SetProperty(x => x.CheckedAt, now), cancel);
        if (mine == 0)
        {
            // Another replica or a run has contacted it meanwhile.
            return;
        }

        var hosts = scope.ServiceProvider.GetRequiredService<SshHosts>();
        await hosts.RecordAsync(host, await hosts.ContactAsync(host, cancel), cancel);
    }
}

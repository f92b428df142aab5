using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Wombat.Api.Hosting;
using Wombat.Domain.Audit;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Bench;

/// <summary>
/// Wombat without its events: they are created and then removed from what is saved. The baseline of the cost of the audit.
/// </summary>
internal static class UnauditedApi
{
    public static async Task RunAsync(IReadOnlyDictionary<string, string> environment, string connectionString)
    {
        var settings = WombatSettings.Read(environment, new Dictionary<string, string>(StringComparer.Ordinal));
        await using var app = WombatApplication.Build(
            settings,
            connectionString,
            s => s.ConfigureDbContext<WombatDbContext>(o => o.AddInterceptors(new LeaveOut()))
        );
        await app.Services.GetRequiredService<StartupTasks>().RunAsync(CancellationToken.None);
        await app.RunAsync();
    }

    private sealed class LeaveOut : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData,
            InterceptionResult<int> result,
            CancellationToken cancellationToken = default
        )
        {
            foreach (var entry in eventData.Context!.ChangeTracker.Entries<Event>().ToList())
            {
                entry.State = EntityState.Detached;
            }

            return ValueTask.FromResult(result);
        }
    }
}

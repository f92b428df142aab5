using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Reads that several use cases of commands share.</summary>
internal static class CommandQueries
{
    /// <exception cref="NotFoundException">It does not exist.</exception>
    public static async Task<Command> FindCommandAsync(this IWombatDbContext db, Guid id, CancellationToken cancel) =>
        await db.Commands.SingleOrDefaultAsync(c => c.Id == id, cancel) ?? throw new NotFoundException("command");

    /// <exception cref="NotFoundException">It does not exist.</exception>
    public static async Task<Schedule> FindScheduleAsync(this IWombatDbContext db, Guid id, CancellationToken cancel) =>
        await db.Schedules.SingleOrDefaultAsync(s => s.Id == id, cancel) ?? throw new NotFoundException("schedule");

    /// <exception cref="NotFoundException">It does not exist.</exception>
    public static async Task<Run> FindRunAsync(this IWombatDbContext db, Guid id, CancellationToken cancel) =>
        await db.Runs.SingleOrDefaultAsync(r => r.Id == id, cancel) ?? throw new NotFoundException("run");
}

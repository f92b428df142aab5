using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Records who opened a console, and how it ended. Input and output are not recorded.</summary>
public sealed class ConsoleAudit(IWombatDbContext db, AuditLog auditLog)
{
    public async Task OpenedAsync(ConsoleTarget target, Guid consoleId, CancellationToken cancel)
    {
        auditLog.Record(
            EventAction.ContainerConsoleOpened,
            Container.KindName,
            target.ContainerId,
            target.ProjectId,
            after: new ConsoleOpened(target.Name, consoleId)
        );
        await db.SaveChangesAsync(cancel);
    }

    /// <param name="closed">How it ended.</param>
    public async Task ClosedAsync(ConsoleTarget target, ConsoleClosed closed, CancellationToken cancel)
    {
        auditLog.Record(EventAction.ContainerConsoleClosed, Container.KindName, target.ContainerId, target.ProjectId, after: closed);
        await db.SaveChangesAsync(cancel);
    }
}

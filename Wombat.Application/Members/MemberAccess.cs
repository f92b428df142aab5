using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Application.Tokens;
using Wombat.Domain.Audit;

namespace Wombat.Application.Members;

/// <summary>Removes the access that former members would otherwise keep.</summary>
internal sealed class MemberAccess(IWombatDbContext db, TokenRevocation revocation, AuditLog auditLog)
{
    /// <summary>
    /// Removes the access of users who are no longer members. Runs in the caller's transaction; the caller saves. Locks containers, so a
    /// caller that also locks their jobs must do that before, as every delete does.
    /// </summary>
    public async Task EndAsync(Guid project, IReadOnlyCollection<Guid> users, bool keepTokens, CancellationToken cancel)
    {
        if (!keepTokens)
        {
            var made = db.AccessTokens.Where(t =>
                t.ProjectId == project && t.UserId == null && t.RevokedAt == null && users.Contains(t.CreatedById!.Value)
            );
            await revocation.RevokeAsync(await made.Select(t => t.Id).ToListAsync(cancel), cancel);
        }

        var given = db.Containers.Where(c => c.ProjectId == project && users.Contains(c.SshKeysOwnerId!.Value));
        foreach (
            var container in await given
                .AsNoTracking()
                .Select(c => new
                {
                    c.Id,
                    c.SshKeysOwnerId,
                    c.SshKeys,
                })
                .ToListAsync(cancel)
        )
        {
            auditLog.Record(
                EventAction.ContainerSshKeysRemoved,
                "container",
                container.Id,
                project,
                before: new GivenKeysRecord(container.SshKeysOwnerId!.Value, GivenKeysRecord.FingerprintsOf(container.SshKeys))
            );
        }

        // A separate statement that ignores the row version, so that a job that saves the container cannot prevent the removal.
        await given.ExecuteUpdateAsync(
            set => set.SetProperty(c => c.SshKeys, Array.Empty<string>()).SetProperty(c => c.SshKeysOwnerId, (Guid?)null),
            cancel
        );
    }
}

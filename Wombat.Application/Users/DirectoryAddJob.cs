using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Adds a user created in Wombat to the LDAP directory, without a password, and links the entry to the user.</summary>
internal sealed class DirectoryAddJob(IWombatDbContext db, IDirectory directory, AuditLog auditLog, TimeProvider clock) : IJobHandler
{
    public static readonly TypedJobKind<DirectoryAddJobArgs> Kind = new("directory.add_user", Permission.UserManage);

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var userId = Kind.ArgumentsOf(run).UserId;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId, cancel);
        var id = await directory.AddAsync(user.Id, user.Login, user.FullName, user.Email, cancel);

        // An earlier attempt may have added the entry, or a synchronization has linked it since.
        if (!await db.Identities.AnyAsync(i => i.Issuer == ExternalIdentity.Ldap && i.Subject == id, cancel))
        {
            var identity = ExternalIdentity.Create(ExternalIdentity.Ldap, id, user.Id, clock.GetUtcNow());
            db.Identities.Add(identity);
            auditLog.Record(
                EventAction.IdentityLinked,
                "user",
                user.Id,
                projectId: null,
                after: new Users.IdentityDto(identity.Issuer, identity.Subject, identity.CreatedAt)
            );
        }

        await run.Log.WriteAsync($"Added {user.Login} to the directory with id {id}", cancel);
    }
}

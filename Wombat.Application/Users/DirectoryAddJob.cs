using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Jobs;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Writes a user made in Wombat to the LDAP directory, without a password, and remembers the entry as the user's identity.</summary>
[JobKind(JobKind, Permission.UserManage)]
internal sealed class DirectoryAddJob(IWombatDbContext db, IDirectory directory, AuditLog auditLog, TimeProvider clock) : IJobHandler
{
    public const string JobKind = "directory.add_user";

    public static Job For(Guid user, Actor requestedBy, DateTimeOffset now) =>
        Job.Create(JobKind, requestedBy, now, payload: JsonSerializer.Serialize(new DirectoryAddJobArgs(user), WombatJson.Options));

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var order = JsonSerializer.Deserialize<DirectoryAddJobArgs>(run.Payload, WombatJson.Options)!;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == order.UserId, cancel);
        string id;
        try
        {
            id = await directory.AddAsync(user.Id, user.Login, user.FullName, user.Email, cancel);
        }
        catch (UnavailableException e)
        {
            throw new JobFailedException(e.Code, e.Message, retryable: true);
        }
        catch (ConflictException e)
        {
            throw new JobFailedException(e.Code, e.Message);
        }

        // An earlier run may have been killed after the entry was added, or a sync has met it since.
        if (!await db.Identities.AnyAsync(i => i.Issuer == ExternalIdentity.Ldap && i.Subject == id, cancel))
        {
            var identity = ExternalIdentity.Create(ExternalIdentity.Ldap, id, user.Id, clock.GetUtcNow());
            db.Identities.Add(identity);
            auditLog.Record(
                "identity.linked",
                "user",
                user.Id,
                projectId: null,
                after: new Users.IdentityDto(identity.Issuer, identity.Subject, identity.CreatedAt)
            );
        }

        await run.Log.WriteAsync($"{user.Login} is in the directory as {id}", cancel);
    }
}

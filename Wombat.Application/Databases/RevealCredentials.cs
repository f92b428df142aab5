using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Reads the credentials of a database or of one of its users. The audit records who read them before they are shown.</summary>
/// <param name="User">Null for the database's own user.</param>
[RequirePermission(Permission.DatabaseCredentials)]
public sealed record RevealCredentials(Guid Id, string? User) : IRequest<CredentialsDto>, IDatabaseScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class RevealCredentialsHandler(DatabaseAccess access, IWombatDbContext db, AuditLog auditLog)
    : IRequestHandler<RevealCredentials, CredentialsDto>
{
    public async Task<CredentialsDto> Handle(RevealCredentials request, CancellationToken cancellationToken)
    {
        var (database, provider) = await access.FindAsync(
            request.Id,
            "reveal the credentials of",
            DatabaseAccess.Reachable,
            cancellationToken
        );
        var found = await provider.GetCredentialsAsync(database.Reference, request.User, cancellationToken);
        auditLog.Record(
            EventAction.DatabaseCredentialsRevealed,
            Database.KindName,
            database.Id,
            database.ProjectId,
            after: new RevealedCredentials(database.Name, found.User)
        );
        await db.SaveChangesAsync(cancellationToken);
        return new CredentialsDto(
            found.Host,
            found.Port,
            found.DatabaseName,
            found.User,
            found.Password,
            found.SslMode,
            ConnectionText.Uri(found),
            found.CaCertificate
        );
    }
}

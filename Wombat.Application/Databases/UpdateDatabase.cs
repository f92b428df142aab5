using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Changes what needs no job: purpose, owner, expiry, protection from deletion.</summary>
[RequirePermission(Permission.DatabaseCreate)]
public sealed record UpdateDatabase(Guid Id, DatabaseChanges Changes, ExpectedVersions? IfMatch) : IRequest<DatabaseDto>, IResourceScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class UpdateDatabaseValidator : AbstractValidator<UpdateDatabase>
{
    public UpdateDatabaseValidator(TimeProvider clock)
    {
        RuleFor(m => m.Changes.Purpose.Value).Purpose().OverridePropertyName("purpose");
        RuleFor(m => m.Changes.Owner.Value).ResponsibleOwner().OverridePropertyName("owner");
        RuleFor(m => m.Changes.ExpiresAt.Value)
            .Must(at => at is null || at > clock.GetUtcNow())
            .WithMessage("must be in the future")
            .OverridePropertyName("expires_at");
    }
}

internal sealed class UpdateDatabaseHandler(
    IWombatDbContext db,
    RequestContext context,
    ResourceEvents events,
    ResourceMapper<DatabaseDto> mapper,
    TimeProvider clock
) : IRequestHandler<UpdateDatabase, DatabaseDto>
{
    public async Task<DatabaseDto> Handle(UpdateDatabase request, CancellationToken cancellationToken)
    {
        var database = await db.Databases.FindInProjectAsync(mapper.Kind, null, request.Id, cancellationToken);
        request.IfMatch?.Ensure(database.Version);
        var changes = request.Changes;
        var isProtected = changes.DeletionProtection.Or(database.DeletionProtection, reset: false) ?? false;
        var expiresAt = changes.ExpiresAt.Or(database.ExpiresAt, reset: null);

        // An expiry deletes a protected database, too.
        if (isProtected != database.DeletionProtection || isProtected && expiresAt != database.ExpiresAt)
        {
            EnsureMayProtect();
        }

        if (changes.ExpiresAt.IsPresent)
        {
            EnsureWithinLifetime(database, expiresAt);
        }

        database.Describe(
            changes.Purpose.IsPresent ? changes.Purpose.Value : database.Spec.Purpose,
            changes.Owner.IsPresent ? changes.Owner.Value : database.Spec.Owner
        );
        database.Change(expiresAt, isProtected, clock.GetUtcNow());
        events.Record(database, "updated", "success");
        await db.SaveChangesAsync(cancellationToken);
        return mapper.MapWithActions(database);
    }

    private void EnsureMayProtect()
    {
        if (PermissionMatrix.Decide(context.Caller!, Permission.ResourceProtect, context.ProjectAccess) != Decision.Allowed)
        {
            throw new ForbiddenException(FieldNames.Snake(nameof(Permission.ResourceProtect)));
        }
    }

    private static void EnsureWithinLifetime(Database database, DateTimeOffset? expiresAt)
    {
        var tier = database.Spec.Settings;
        if (tier.LatestExpiry(database.CreatedAt) is { } latest && (expiresAt is null || expiresAt > latest))
        {
            throw new InvalidInputException(
                "expires_at",
                $"must be at most {tier.MaxLifetimeDays} days after the creation in the tier {database.Spec.Tier}"
            );
        }
    }
}

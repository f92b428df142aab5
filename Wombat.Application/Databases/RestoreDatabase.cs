using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Databases;

/// <summary>Creates a new database in the same project from the backups of another.</summary>
/// <param name="TargetTime">Up to this time; null with a backup, or for the latest time that can be restored.</param>
/// <param name="BackupId">As this backup left it.</param>
/// <param name="Tier">Null for the tier of the source.</param>
[RequirePermission(Permission.DatabaseCreate)]
public sealed record RestoreDatabase(Guid Id, string? Name, DateTimeOffset? TargetTime, string? BackupId, string? Tier)
    : IRequest<AcceptedDatabase>,
        IIdempotentCommand,
        IResourceScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class RestoreDatabaseValidator : AbstractValidator<RestoreDatabase>
{
    public RestoreDatabaseValidator()
    {
        RuleFor(m => m.Name).DatabaseName();
        RuleFor(m => m.BackupId)
            .Must((m, id) => id is null || m.TargetTime is null)
            .WithMessage("cannot be given together with target_time")
            .MaximumLength(100)
            .PlainText();
        RuleFor(m => m.Tier).Must(t => t is null || Tier.NameRegex().IsMatch(t)).WithMessage("must be the name of a tier");
    }
}

internal sealed class RestoreDatabaseHandler(
    DatabaseAccess access,
    ResourceCreation<Database, DatabaseSpec, DatabaseDto, AcceptedDatabase> creation
) : IRequestHandler<RestoreDatabase, AcceptedDatabase>
{
    public async Task<AcceptedDatabase> Handle(RestoreDatabase request, CancellationToken cancellationToken)
    {
        var (source, provider) = await access.FindAsync(request.Id, "restore", ListBackupsHandler.AllowedIn, cancellationToken);
        var known = await provider.FindRestorableAsync(source.Reference, cancellationToken);
        EnsureRestorable(request, known);
        var origin = new DatabaseOrigin(source.ExternalKey, source.ExternalName, request.TargetTime, request.BackupId)
        {
            SourceId = source.Id,
        };
        var spec = new DatabaseSpec(request.Tier ?? source.Spec.Tier)
        {
            Purpose = source.Spec.Purpose,
            Owner = source.Spec.Owner,
            Origin = origin,
        };

        // The backups are where the source is.
        return await creation.CreateAsync(
            new CreateResource<DatabaseSpec, AcceptedDatabase>(source.ProjectId, request.Name, spec, source.Plugin),
            cancellationToken
        );
    }

    private static void EnsureRestorable(RestoreDatabase request, DatabaseBackups known)
    {
        if (known is not { FirstRestorableAt: { } first, LastRestorableAt: { } last })
        {
            throw new ConflictException(ErrorCode.NotRestorable, "The database has no complete backup yet.");
        }

        if (request.BackupId is { } id && known.Backups.All(b => b.Id != id))
        {
            throw new InvalidInputException("backup_id", "is not a backup of the database");
        }

        if (request.TargetTime is { } time && (time < first || time > last))
        {
            var nearest = time < first ? first : last;
            throw new InvalidInputException(
                "target_time",
                $"cannot be restored; the nearest time that can be is {Rfc3339.Format(nearest)}"
            );
        }
    }
}

using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
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
        IDatabaseScoped
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
    DatabaseRestores restores,
    ResourceCreation<Database, DatabaseSpec, DatabaseDto, AcceptedDatabase> creation
) : IRequestHandler<RestoreDatabase, AcceptedDatabase>
{
    public async Task<AcceptedDatabase> Handle(RestoreDatabase request, CancellationToken cancellationToken)
    {
        var (create, objection) = await restores.ToCreateAsync(request, cancellationToken);
        DatabaseRestores.EnsureNone(objection);
        return await creation.CreateAsync(create, cancellationToken);
    }
}

using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Changes what needs no job: expiry, protection from deletion, and fields of the kind.</summary>
/// <param name="ProjectId">Null for a resource of any project.</param>
public sealed record UpdateResource<TDto>(Guid? ProjectId, Guid Id, ResourceChanges Changes, ExpectedVersions? IfMatch)
    : IRequest<TDto>,
        IProjectScoped,
        IResourceScoped
    where TDto : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class UpdateResourceValidator<TDto> : AbstractValidator<UpdateResource<TDto>>
    where TDto : ResourceDto
{
    public UpdateResourceValidator(TimeProvider clock) =>
        RuleFor(m => m.Changes.ExpiresAt.Value).InTheFuture(clock).OverridePropertyName("expires_at");
}

internal sealed class UpdateResourceHandler<TResource, TDto>(
    IWombatDbContext db,
    RequestContext context,
    ResourceEvents events,
    ResourceMapper<TDto> mapper,
    PluginRegistry plugins,
    TimeProvider clock
) : IRequestHandler<UpdateResource<TDto>, TDto>
    where TResource : Resource
    where TDto : ResourceDto
{
    public async Task<TDto> Handle(UpdateResource<TDto> request, CancellationToken cancellationToken)
    {
        var resource = await db.Context.Set<TResource>().FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancellationToken);
        request.IfMatch?.Ensure(resource.Version);
        var changes = request.Changes;
        var isProtected = changes.DeletionProtection.Or(resource.DeletionProtection, reset: false) ?? false;
        var expiresAt = changes.ExpiresAt.Or(resource.ExpiresAt, reset: null);

        // An expiry deletes a protected resource, too.
        if (isProtected != resource.DeletionProtection || isProtected && expiresAt != resource.ExpiresAt)
        {
            EnsureMayProtect();
        }

        if (changes.ExpiresAt.IsPresent)
        {
            EnsureWithinLifetime(resource, expiresAt);
        }

        mapper.Kind.Apply(resource, changes, plugins.Find(resource.Plugin));
        resource.Change(expiresAt, isProtected, clock.GetUtcNow());
        events.Record(resource, "updated", "success");
        await db.SaveChangesAsync(cancellationToken);
        return mapper.MapWithActions(resource);
    }

    private void EnsureMayProtect()
    {
        if (PermissionMatrix.Decide(context.Caller!, Permission.ResourceProtect, context.ProjectAccess) != Decision.Allowed)
        {
            throw new ForbiddenException(FieldNames.Snake(nameof(Permission.ResourceProtect)));
        }
    }

    private void EnsureWithinLifetime(TResource resource, DateTimeOffset? expiresAt)
    {
        if (mapper.Kind.LatestExpiryOf(resource, resource.CreatedAt) is { } latest && (expiresAt is null || expiresAt > latest))
        {
            throw new InvalidInputException("expires_at", $"must be at most {Rfc3339.Format(latest)}, the end of the longest lifetime");
        }
    }
}

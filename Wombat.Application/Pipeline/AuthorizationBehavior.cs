using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Commands;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Pipeline;

/// <summary>A message reaches its handler only if its caller has the permission that the message declares.</summary>
internal sealed class AuthorizationBehavior<TRequest, TResponse>(
    RequestContext context,
    ProjectAccessService projectAccess,
    JobAccessService jobAccess,
    ResourceAccessService resourceAccess,
    CommandAccessService commandAccess,
    IReadOnlyDictionary<Type, Permission> permissions,
    JobKinds kinds,
    ResourceKinds resourceKinds
) : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var caller = context.Caller ?? throw new UnauthenticatedException("The request has no credential.");
        var permission = permissions[typeof(TRequest)];
        var access = PermissionMatrix.Of(permission).IsOfProject ? await GetAccessAsync(request, cancellationToken) : null;
        context.ProjectAccess = access;
        Ensure(request, caller, permission, access);

        // Retrying or cancelling a job also needs the permission of what the job does.
        if (request is IJobAction action && await jobAccess.GetKindAsync(action.JobId, cancellationToken) is { } kind)
        {
            Ensure(request, caller, kinds.PermissionFor(action.Action, kind), access);
        }

        return await next();
    }

    private async ValueTask<ProjectAccess?> GetAccessAsync(TRequest request, CancellationToken cancel) =>
        request switch
        {
            _ when projectAccess.HasFullAccess => ProjectAccess.Full,
            IProjectScoped { ProjectId: { } project } => await projectAccess.GetAsync(project),
            IJobScoped job => await jobAccess.GetAsync(job.JobId, cancel),
            ICommandScoped item => await commandAccess.GetAsync(item.Noun, item.ItemId, cancel),
            IOwnerScoped { OwnerProjectId: { } project } => await projectAccess.GetAsync(project),
            IOwnerScoped => new ProjectAccess(IsVisible: true, Role: null),
            IResourceScoped scoped => await resourceAccess.GetAsync(scoped.ResourceId, cancel),
            _ => null,
        };

    private void Ensure(TRequest request, Caller caller, Permission permission, ProjectAccess? access)
    {
        switch (PermissionMatrix.Decide(caller, permission, access, (request as IUserScoped)?.UserId))
        {
            case Decision.Refused when caller == Caller.Anonymous:
                throw new UnauthenticatedException("This request needs a credential: Authorization: Bearer …");
            case Decision.Refused:
                throw new ForbiddenException(FieldNames.Snake(permission.ToString()));
            case Decision.Hidden:
                throw new NotFoundException(NounOf(request), hidden: true);
        }
    }

    private string NounOf(TRequest request) =>
        request switch
        {
            IProjectScoped { ProjectId: not null } => "project",
            IJobScoped => "job",
            ICommandScoped item => FieldNames.Snake(item.Noun.ToString()),
            IResourceScoped scoped => scoped.ResourceKind ?? resourceKinds.OfMessage(typeof(TRequest)).Name,
            _ => "project",
        };
}

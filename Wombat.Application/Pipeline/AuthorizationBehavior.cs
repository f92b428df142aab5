using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Pipeline;

/// <summary>No message reaches its handler unless its caller may send it and its shape is right, in this order.</summary>
internal sealed class AuthorizationBehavior<TRequest, TResponse>(
    RequestContext context,
    ProjectAccessService projectAccess,
    IEnumerable<IValidator<TRequest>> validators,
    IReadOnlyDictionary<Type, Permission> permissions,
    JobKinds kinds
) : IPipelineBehavior<TRequest, TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var caller = context.Caller ?? throw new UnauthenticatedException("The request carries no credential.");
        var permission = permissions[typeof(TRequest)];
        var access = PermissionMatrix.Of(permission).IsOfProject
            ? AccessAsync(request, cancellationToken)
            : ValueTask.FromResult<ProjectAccess?>(null);
        return access.IsCompletedSuccessfully
            ? Pass(request, caller, permission, access.Result, next, cancellationToken)
            : WaitAsync(request, caller, permission, access, next, cancellationToken);
    }

    private async Task<TResponse> WaitAsync(
        TRequest request,
        Caller caller,
        Permission permission,
        ValueTask<ProjectAccess?> access,
        RequestHandlerDelegate<TResponse> next,
        CancellationToken cancel
    ) => await Pass(request, caller, permission, await access, next, cancel);

    private Task<TResponse> Pass(
        TRequest request,
        Caller caller,
        Permission permission,
        ProjectAccess? access,
        RequestHandlerDelegate<TResponse> next,
        CancellationToken cancel
    )
    {
        context.ProjectAccess = access;
        Ensure(request, caller, permission, access);
        Validate(request);
        return request is IJobAction action ? ActAsync(request, action, caller, access, next, cancel) : next();
    }

    // What a retry or a cancel may do is what the job does, by the caller's rights of now.
    private async Task<TResponse> ActAsync(
        TRequest request,
        IJobAction action,
        Caller caller,
        ProjectAccess? access,
        RequestHandlerDelegate<TResponse> next,
        CancellationToken cancel
    )
    {
        if (await projectAccess.GetJobKindAsync(action.JobId, cancel) is { } kind)
        {
            Ensure(request, caller, kinds.PermissionFor(action.Action, kind), access);
        }

        return await next();
    }

    private static void Ensure(TRequest request, Caller caller, Permission permission, ProjectAccess? access)
    {
        switch (PermissionMatrix.Decide(caller, permission, access, (request as IUserScoped)?.UserId))
        {
            case Decision.Refused when caller == Caller.Anonymous:
                throw new UnauthenticatedException("This needs a credential: Authorization: Bearer …");
            case Decision.Refused:
                throw new ForbiddenException(FieldNames.Snake(permission.ToString()));
            case Decision.Hidden:
                throw new NotFoundException(request is IJobScoped ? "job" : "project", hidden: true);
        }
    }

    private void Validate(TRequest request)
    {
        foreach (var validator in validators)
        {
            var result = validator.Validate(request);
            if (!result.IsValid)
            {
                throw new InvalidInputException(
                    result
                        .Errors.GroupBy(e => FieldNames.OfPath(e.PropertyName), StringComparer.Ordinal)
                        .ToDictionary(
                            g => g.Key,
                            g => g.Select(e => e.ErrorMessage).Distinct(StringComparer.Ordinal).ToArray(),
                            StringComparer.Ordinal
                        )
                );
            }
        }
    }

    private ValueTask<ProjectAccess?> AccessAsync(TRequest request, CancellationToken cancel) =>
        (request, projectAccess.HasFullAccess) switch
        {
            (_, true) => ValueTask.FromResult<ProjectAccess?>(ProjectAccess.Full),
            (IProjectScoped { ProjectId: { } project }, _) => Wrap(projectAccess.GetAsync(project)),
            (IJobScoped job, _) => Wrap(projectAccess.GetForJobAsync(job.JobId, cancel)),
            _ => ValueTask.FromResult<ProjectAccess?>(null),
        };

    private static ValueTask<ProjectAccess?> Wrap(ValueTask<ProjectAccess> access)
    {
        return access.IsCompletedSuccessfully ? ValueTask.FromResult<ProjectAccess?>(access.Result) : Awaited(access);

        static async ValueTask<ProjectAccess?> Awaited(ValueTask<ProjectAccess> access) => await access;
    }
}

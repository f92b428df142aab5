using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Pipeline;

/// <summary>No message reaches its handler unless its caller may send it and its shape is right, in this order.</summary>
internal sealed class GuardBehavior<TRequest, TResponse>(
    RequestContext context, Standings standings, IEnumerable<IValidator<TRequest>> validators, IReadOnlyDictionary<Type, Permission> permissions, JobKinds kinds)
    : IPipelineBehavior<TRequest, TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var caller = context.Caller ?? throw new UnauthenticatedException("The request carries no credential.");
        var permission = permissions[typeof(TRequest)];
        var standing = PermissionMatrix.Of(permission).IsOfProject ? StandingAsync(request, cancellationToken) : ValueTask.FromResult<Standing?>(null);
        return standing.IsCompletedSuccessfully
            ? Pass(request, caller, permission, standing.Result, next, cancellationToken)
            : WaitAsync(request, caller, permission, standing, next, cancellationToken);
    }

    private async Task<TResponse> WaitAsync(TRequest request, Caller caller, Permission permission, ValueTask<Standing?> standing, RequestHandlerDelegate<TResponse> next, CancellationToken cancel) =>
        await Pass(request, caller, permission, await standing, next, cancel);

    private Task<TResponse> Pass(TRequest request, Caller caller, Permission permission, Standing? standing, RequestHandlerDelegate<TResponse> next, CancellationToken cancel)
    {
        context.Standing = standing;
        Ensure(request, caller, permission, standing);
        Validate(request);
        return request is IActsOnJob action ? ActAsync(request, action, caller, standing, next, cancel) : next();
    }

    // What a retry or a cancel may do is what the job does, by the caller's rights of now.
    private async Task<TResponse> ActAsync(TRequest request, IActsOnJob action, Caller caller, Standing? standing, RequestHandlerDelegate<TResponse> next, CancellationToken cancel)
    {
        if (await standings.KindOfJobAsync(action.JobId, cancel) is { } kind)
        {
            Ensure(request, caller, kinds.PermissionFor(action.Action, kind), standing);
        }

        return await next();
    }

    private static void Ensure(TRequest request, Caller caller, Permission permission, Standing? standing)
    {
        switch (PermissionMatrix.Decide(caller, permission, standing, (request as IOfUser)?.UserId))
        {
            case Decision.Refused when caller == Caller.Anonymous:
                throw new UnauthenticatedException("This needs a credential: Authorization: Bearer …");
            case Decision.Refused:
                throw new ForbiddenException(FieldNames.Snake(permission.ToString()));
            case Decision.Hidden:
                throw new NotFoundException(request is IOfJob ? "job" : "project", hidden: true);
        }
    }

    private void Validate(TRequest request)
    {
        foreach (var validator in validators)
        {
            var result = validator.Validate(request);
            if (!result.IsValid)
            {
                throw new InvalidInputException(result.Errors
                    .GroupBy(e => FieldNames.OfPath(e.PropertyName), StringComparer.Ordinal)
                    .ToDictionary(g => g.Key, g => g.Select(e => e.ErrorMessage).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal));
            }
        }
    }

    private ValueTask<Standing?> StandingAsync(TRequest request, CancellationToken cancel) => (request, standings.AreFull) switch
    {
        (_, true) => ValueTask.FromResult<Standing?>(Standing.Full),
        (IInProject { InProject: { } project }, _) => Wrap(standings.InAsync(project)),
        (IOfJob job, _) => Wrap(standings.OfJobAsync(job.JobId, cancel)),
        _ => ValueTask.FromResult<Standing?>(null),
    };

    private static ValueTask<Standing?> Wrap(ValueTask<Standing> standing)
    {
        return standing.IsCompletedSuccessfully ? ValueTask.FromResult<Standing?>(standing.Result) : Awaited(standing);

        static async ValueTask<Standing?> Awaited(ValueTask<Standing> standing) => await standing;
    }
}

using FluentValidation;
using MediatR;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Pipeline;

/// <summary>No message reaches its handler unless its caller may send it and its shape is right, in this order.</summary>
internal sealed class GuardBehavior<TRequest, TResponse>(RequestContext context, IEnumerable<IValidator<TRequest>> validators, IReadOnlyDictionary<Type, Permission> permissions)
    : IPipelineBehavior<TRequest, TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var caller = context.Caller ?? throw new UnauthenticatedException("The request carries no credential.");
        var permission = permissions[typeof(TRequest)];
        if (!caller.May(permission))
        {
            throw new ForbiddenException(FieldNames.Snake(permission.ToString()));
        }

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

        return next();
    }
}

using FluentValidation;
using MediatR;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Application.Pipeline;

/// <summary>A message reaches its handler only if it passes its validators.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var errors = validators
            .SelectMany(v => v.Validate(request).Errors)
            .GroupBy(e => FieldNames.OfPath(e.PropertyName), e => e.ErrorMessage, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        return errors.Count == 0 ? await next() : throw new InvalidInputException(errors);
    }
}

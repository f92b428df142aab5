using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.Logging;
using Wombat.Application.Access;

namespace Wombat.Application.Pipeline;

/// <summary>Names and times, never contents: a message may hold what must not be in a log.</summary>
internal sealed class RequestLogBehavior<TRequest, TResponse>(ILogger<RequestLogBehavior<TRequest, TResponse>> log, RequestContext context)
    : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var from = Stopwatch.GetTimestamp();
        var outcome = "failed";
        try
        {
            var response = await next();
            outcome = "done";
            return response;
        }
        finally
        {
            log.LogDebug(
                "{Message} by {Caller} {Outcome} in {Milliseconds:F1} ms",
                typeof(TRequest).Name,
                context.Caller?.Name,
                outcome,
                Stopwatch.GetElapsedTime(from).TotalMilliseconds
            );
        }
    }
}

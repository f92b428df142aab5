using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.Logging;
using Wombat.Application.Access;

namespace Wombat.Application.Pipeline;

/// <summary>Logs names and times of messages, never contents, which may be secret.</summary>
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

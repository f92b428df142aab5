using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Wombat.Api.Http;
using Wombat.Api.Middleware;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;

namespace Wombat.Api.Errors;

/// <summary>Answers every failure as application/problem+json, and audits, counts and logs it.</summary>
internal sealed class ProblemDetailsExceptionHandler(
    IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json,
    FailedRequestAuditor audit,
    IDatabaseAvailability availability,
    AccessMetrics metrics,
    ILogger<ProblemDetailsExceptionHandler> log
) : IExceptionHandler
{
    private const int RetryAfterSeconds = 2;
    private static readonly string[] SignInOperations = ["SignIn", "CompleteProviderSignIn"];
    private static readonly TimeSpan MinRefusalDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxRefusalDelay = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = ProblemTable.Of(exception, availability.IsUnavailable(exception));
        var status = problem.Status!.Value;
        if (status == StatusCodes.Status500InternalServerError)
        {
            log.LogError(exception, "Unhandled exception");
        }

        SetHeaders(httpContext.Response, status, exception);
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            availability.Report(exception);
        }

        if (exception is TooManyRequestsException tooMany)
        {
            // For clients that ignore Retry-After: answering them at once would cost other users more than the admitted requests.
            var delay = TimeSpan.FromTicks(Math.Clamp(tooMany.RetryAfter.Ticks, MinRefusalDelay.Ticks, MaxRefusalDelay.Ticks));
            await Task.Delay(delay, httpContext.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        CountSignIn(httpContext, status);
        await audit.RecordAsync(httpContext, status, (string)problem.Extensions["code"]!, exception);
        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>
    /// Writes the problem with the trace id as JSON, whatever the request accepts, or as HTML for endpoints that browsers open directly.
    /// </summary>
    public Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        context.Response.StatusCode = problem.Status!.Value;
        RequestTrace.Apply(context);
        SecurityHeaders.Apply(context);
        problem.Extensions["trace_id"] = RequestTrace.IdOf(context);
        context.Items[RequestLog.CodeKey] = problem.Extensions["code"];
        problem.Type ??= "about:blank";
        problem.Instance = context.Request.Path;
        return ProblemHtmlWriter.IsFor(context)
            ? ProblemHtmlWriter.WriteAsync(context, problem)
            : context.Response.WriteAsJsonAsync(problem, json.Value.SerializerOptions, "application/problem+json", CancellationToken.None);
    }

    private static void SetHeaders(HttpResponse response, int status, Exception exception)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (exception is TooManyRequestsException { RetryAfter: var wait })
        {
            response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, wait.TotalSeconds)).ToString();
        }
        else if (status == StatusCodes.Status503ServiceUnavailable)
        {
            var retryAfter = (exception as ExternalSystemException)?.RetryAfter?.TotalSeconds ?? RetryAfterSeconds;
            response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, retryAfter)).ToString();
        }
    }

    private void CountSignIn(HttpContext http, int status)
    {
        var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        if (
            status is StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests
            && endpoint?.Metadata.GetMetadata<EndpointNameMetadata>()?.EndpointName is { } operation
            && SignInOperations.Contains(operation, StringComparer.Ordinal)
        )
        {
            metrics.SignInFailed(operation);
        }
    }
}

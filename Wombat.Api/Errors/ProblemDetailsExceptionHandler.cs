using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Wombat.Api.Middleware;
using Wombat.Application.Common;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Metrics;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Api.Errors;

/// <summary>Every failure as application/problem+json with a stable code: the one table of what means which status.</summary>
internal sealed class ProblemDetailsExceptionHandler(
    IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json,
    FailedRequestAuditor audit,
    DatabaseAvailability availability,
    AccessMetrics metrics,
    ILogger<ProblemDetailsExceptionHandler> log
) : IExceptionHandler
{
    private const string NotJson = "The body must be JSON in UTF-8, not compressed: Content-Type application/json.";
    private const int RetryAfterSeconds = 2;
    private static readonly TimeSpan MinRefusalDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxRefusalDelay = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = Describe(exception);
        if (problem.Status == StatusCodes.Status500InternalServerError)
        {
            log.LogError(exception, "A request failed in an unforeseen way");
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            httpContext.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (exception is TooManyRequestsException wait)
        {
            httpContext.Response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, wait.RetryAfter.TotalSeconds)).ToString();
        }

        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
        {
            availability.Report(exception);
            httpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString();
        }

        if (exception is TooManyRequestsException refused)
        {
            // A client that does not wait is made to: answering at full speed costs other users more than the admitted requests.
            var delay = TimeSpan.FromTicks(Math.Clamp(refused.RetryAfter.Ticks, MinRefusalDelay.Ticks, MaxRefusalDelay.Ticks));
            await Task.Delay(delay, httpContext.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (
            problem.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests
            && httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<EndpointNameMetadata>()?.EndpointName
                is "SignIn"
                    or "CompleteProviderSignIn"
        )
        {
            metrics.SignInFailed(
                httpContext.Features.Get<IExceptionHandlerFeature>()!.Endpoint!.Metadata.GetMetadata<EndpointNameMetadata>()!.EndpointName
            );
        }

        await audit.RecordAsync(httpContext, problem.Status!.Value, (string)problem.Extensions["code"]!, exception);
        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>Writes the problem with the trace id, whatever the request accepts; a page where a person looks at it.</summary>
    public async Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        context.Response.StatusCode = problem.Status!.Value;
        RequestTrace.Apply(context);
        SecurityHeaders.Apply(context);
        problem.Extensions["trace_id"] = RequestTrace.IdOf(context);
        context.Items[RequestLog.CodeKey] = problem.Extensions["code"];
        problem.Type ??= "about:blank";
        problem.Instance = context.Request.Path;
        await (
            ProblemHtmlWriter.IsFor(context)
                ? ProblemHtmlWriter.WriteAsync(context, problem)
                : context.Response.WriteAsJsonAsync(
                    problem,
                    json.Value.SerializerOptions,
                    "application/problem+json",
                    CancellationToken.None
                )
        );
    }

    public static ProblemDetails Of(int status, string code, string detail, IReadOnlyDictionary<string, string[]>? errors = null)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            Detail = detail,
        };
        problem.Extensions["code"] = code;
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors;
        }

        return problem;
    }

    /// <summary>For what no endpoint answered, such as an unknown path.</summary>
    public static ProblemDetails OfStatus(int status) =>
        status switch
        {
            404 => Of(404, "not_found", "There is nothing at this address."),
            405 => Of(405, "method_not_allowed", "This address does not know that method."),
            415 => Of(415, "unsupported_media_type", NotJson),
            _ => Of(status, "http_" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), "The request was not answered."),
        };

    private static ProblemDetails Describe(Exception exception) =>
        exception switch
        {
            InvalidInputException e => Of(400, e.Code, e.Message, e.Errors),
            UnauthenticatedException e => Of(401, e.Code, e.Message),
            ForbiddenException e => Of(403, e.Code, e.Message),
            NotFoundException e => Of(404, e.Code, e.Message),
            ConflictException e => Of(409, e.Code, e.Message),
            StaleVersionException e => Of(412, e.Code, e.Message),
            UnavailableException e => Of(503, e.Code, e.Message),
            TooManyRequestsException e => Of(429, e.Code, e.Message),
            BudgetExceededException e => OfBudget(e),
            UnprocessableException e => Of(422, e.Code, e.Message),
            BadHttpRequestException e => OfBadRequest(e),
            PluginException { Failure: PluginFailure.Unavailable } e => Of(503, "plugin_unavailable", e.Message),
            _ when DatabaseErrors.IsUnavailable(exception) => Of(
                503,
                "database_unavailable",
                "The database does not answer or cannot write. Nothing is lost; try again soon."
            ),
            _ => Of(500, "internal", "Wombat failed in an unforeseen way. Its log knows more under the trace id."),
        };

    private static ProblemDetails OfBudget(BudgetExceededException e)
    {
        var problem = Of(StatusCodes.Status422UnprocessableEntity, e.Code, e.Message);
        (problem.Extensions["limit"], problem.Extensions["allowed"], problem.Extensions["used"], problem.Extensions["requested"]) = (
            e.Limit,
            e.Allowed,
            e.Used,
            e.Requested
        );
        return problem;
    }

    // ASP.NET Core tells what it could not bind only in words; the field is the JSON path or the parameter's name.
    private static ProblemDetails OfBadRequest(BadHttpRequestException e)
    {
        if (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Of(413, "body_too_large", "The request's body is too large.");
        }

        if (e.StatusCode == StatusCodes.Status415UnsupportedMediaType)
        {
            return Of(415, "unsupported_media_type", NotJson);
        }

        var (field, message) = e.InnerException is JsonException json
            ? JsonExceptionTranslator.Explain(json)
            : ("body", "must be a JSON object");
        if (
            e.InnerException is null
            && e.Message.Split('"') is { Length: >= 3 } quoted
            && !e.Message.Contains("body", StringComparison.OrdinalIgnoreCase)
        )
        {
            field = FieldNames.Snake(quoted[1].Split(' ')[^1]);
            message = JsonExceptionTranslator.Expected(quoted[1]);
        }

        return Of(
            400,
            "validation_failed",
            "The request has fields that are not valid.",
            new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }
        );
    }
}

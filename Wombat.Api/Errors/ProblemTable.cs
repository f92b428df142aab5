using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Wombat.Domain.Common;

namespace Wombat.Api.Errors;

/// <summary>The one table from failure to status and code.</summary>
internal static class ProblemTable
{
    private const string NotJson = "The body must be uncompressed JSON in UTF-8 with Content-Type: application/json.";

    /// <param name="isDatabaseUnavailable">Whether the failure says that the database is unavailable.</param>
    public static ProblemDetails Of(Exception failure, bool isDatabaseUnavailable) =>
        failure switch
        {
            InvalidInputException e => Of(400, e).With("errors", e.Errors),
            UnauthenticatedException e => Of(401, e),
            ForbiddenException e => Of(403, e),
            NotFoundException e => Of(404, e),
            ConflictException e => Of(409, e),
            StaleVersionException e => Of(412, e),
            UnprocessableException e => Of(422, e),
            BudgetExceededException e => Of(422, e)
                .With("limit", e.Limit)
                .With("allowed", e.Allowed)
                .With("used", e.Used)
                .With("requested", e.Requested),
            TooManyRequestsException e => Of(429, e),
            UnavailableException e => Of(503, e),
            ExternalSystemException { Kind: ExternalFailure.Unavailable } e when e.ErrorCode == ErrorCode.Unavailable => Of(
                503,
                ErrorCode.PluginUnavailable,
                e.Message
            ),
            ExternalSystemException { Kind: ExternalFailure.Unavailable } e => Of(503, e),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Of(
                413,
                ErrorCode.BodyTooLarge,
                "The body is too large."
            ),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => OfUnsupportedMediaType(),
            BadHttpRequestException e => Of(new InvalidInputException(JsonExceptionTranslator.ErrorsOf(e)), isDatabaseUnavailable),
            _ when isDatabaseUnavailable => Of(
                503,
                ErrorCode.DatabaseUnavailable,
                "The database does not answer or cannot write. Nothing was changed; try again soon."
            ),
            _ => Of(500, ErrorCode.Internal, "An internal error occurred. The server log has the details under this trace id."),
        };

    /// <summary>For a status that no endpoint has described, such as that of an unknown path.</summary>
    public static ProblemDetails OfStatus(HttpContext http) =>
        http.Response.StatusCode switch
        {
            404 => Of(404, ErrorCode.NotFound, "No such endpoint."),
            405 => Of(
                405,
                ErrorCode.MethodNotAllowed,
                $"Method {http.Request.Method} is not supported here; allowed: {http.Response.Headers.Allow}."
            ),
            415 => OfUnsupportedMediaType(),
            var status => Of(status, ErrorCode.RequestFailed, "The request failed."),
        };

    private static ProblemDetails OfUnsupportedMediaType() => Of(415, ErrorCode.UnsupportedMediaType, NotJson);

    private static ProblemDetails Of(int status, WombatException e) => Of(status, e.ErrorCode, e.Message);

    private static ProblemDetails Of(int status, ErrorCode code, string detail) =>
        new ProblemDetails
        {
            Status = status,
            Title = ReasonPhrases.GetReasonPhrase(status),
            Detail = detail,
        }.With("code", code.Name);

    private static ProblemDetails With(this ProblemDetails problem, string name, object value)
    {
        problem.Extensions[name] = value;
        return problem;
    }
}

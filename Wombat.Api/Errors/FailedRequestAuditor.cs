using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Wombat.Api.Middleware;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Api.Errors;

/// <summary>
/// Records refused requests and failed changes in the audit log: the only events that are not part of a change. Recorded before the
/// response, in a new scope, because the request's scope has failed. Requests beyond the caller's budget of such events, and requests
/// without a credential, are only counted.
/// </summary>
internal sealed class FailedRequestAuditor(
    IServiceScopeFactory scopes,
    IFailedRequestCounter counts,
    IDatabaseAvailability availability,
    ILogger<FailedRequestAuditor> log
)
{
    private const string NoTarget = "request";

    public async Task RecordAsync(HttpContext http, int status, string code, Exception failure)
    {
        if (!IsWorthIt(http, status, failure))
        {
            return;
        }

        // The exception handler has cleared these from the request.
        var failed = http.Features.Get<IExceptionHandlerFeature>();
        var asked = http.RequestServices.GetRequiredService<RequestContext>();
        var caller = asked.Caller ?? Caller.Anonymous;
        if (!IsWritten(caller, asked.Address, failure, out var source))
        {
            counts.Count(source, status);
            return;
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<RequestContext>();
            (context.Caller, context.RequestId, context.ClientTrace, context.Address) = (
                caller,
                asked.RequestId,
                asked.ClientTrace,
                asked.Address
            );
            var (type, id, project) = Target(
                failed?.Endpoint as RouteEndpoint,
                failed?.RouteValues ?? [],
                http.Request.Query["project_id"]
            );
            if (project is { } named && !await MaySeeAsync(caller, named, scope.ServiceProvider))
            {
                // A project's events contain only requests of callers who may see the project; others must not fill them.
                project = null;
            }

            var refused = IsRefusal(status, failure);
            var about = new Refusal(
                failed?.Endpoint?.Metadata.GetMetadata<EndpointNameMetadata>()?.EndpointName,
                http.Request.Method,
                status,
                code,
                (failure as ForbiddenException)?.Permission,
                (failure as UnauthenticatedException)?.Reason
            );
            scope
                .ServiceProvider.GetRequiredService<AuditLog>()
                .Record(
                    refused ? EventAction.RequestRefused : EventAction.RequestFailed,
                    type,
                    id,
                    project,
                    after: about,
                    outcome: refused ? "refused" : "failure"
                );
            await scope.ServiceProvider.GetRequiredService<IWombatDbContext>().SaveChangesAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            // The caller gets the response in any case; the database outage is reported elsewhere.
            if (!availability.Report(e))
            {
                log.LogError(e, "Cannot record a failed request in the audit log");
            }
        }
    }

    // Requests without a credential are only counted; an invalid credential or password has a reason.
    private bool IsWritten(Caller caller, string? address, Exception failure, out string source)
    {
        var isKnown = caller != Caller.Anonymous;
        source = isKnown ? caller.Name : ClientNetwork.Of(address);
        return (isKnown || failure is UnauthenticatedException { Reason: not null })
            && counts.TryTakeBudget(isKnown ? caller.ActorId?.ToString() ?? caller.Name : source, isKnown);
    }

    private static async ValueTask<bool> MaySeeAsync(Caller caller, Guid project, IServiceProvider services) =>
        caller != Caller.Anonymous && (await services.GetRequiredService<ProjectAccessService>().GetAsync(project)).IsVisible;

    // Failed changes, and requests that were refused to a known caller; not reads by a browser without a session.
    // Rate-limited requests are not recorded, because they would flood the database.
    private static bool IsWorthIt(HttpContext http, int status, Exception failure) =>
        status < StatusCodes.Status500InternalServerError
        && (status != StatusCodes.Status400BadRequest || failure is InvalidInputException { IsRefusal: true })
        && failure is not TooManyRequestsException { Code: RateLimit.Code }
        && (
            !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
            || failure is ForbiddenException or NotFoundException { IsRefusal: true } or UnauthenticatedException { Reason: not null }
        );

    private static bool IsRefusal(int status, Exception failure) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests
        || failure is NotFoundException { IsRefusal: true };

    private static (string Type, Guid Id, Guid? Project) Target(RouteEndpoint? endpoint, RouteValueDictionary values, string? asked)
    {
        Guid? Id(string name) =>
            values.TryGetValue(name, out var value) && Guid.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), out var id)
                ? id
                : null;
        var noun = endpoint?.RoutePattern.RawText?.Split('/', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(2);
        return (noun, Id("id")) switch
        {
            ("projects", { } project) => Id("cid") is { } container ? ("container", container, project) : ("project", project, project),
            ("users", { } user) => ("user", user, null),
            ("jobs", { } job) => ("job", job, null),
            _ => Guid.TryParse(asked, out var named) ? ("project", named, named) : (NoTarget, Guid.Empty, null),
        };
    }

    private sealed record Refusal(string? Operation, string Method, int Status, string Code, string? Permission, string? Reason);
}

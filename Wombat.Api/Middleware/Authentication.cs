using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Wombat.Api.Http;
using Wombat.Application.Access;
using Wombat.Application.Sessions;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>
/// Authentication middleware: without a credential only endpoints with AllowAnonymous are accessible; everything else, including unknown
/// paths, is 401. Permissions are checked later, by the permissions that the messages declare.
/// </summary>
internal sealed class Authentication(
    RequestDelegate next,
    CallerAuthenticator authenticator,
    RateLimit limit,
    ISessions sessions,
    ApiOptions options
)
{
    private const int MaxIdempotencyKey = 255;

    public async Task InvokeAsync(HttpContext context, RequestContext request)
    {
        request.RequestId = RequestTrace.IdOf(context);
        request.ClientTrace = RequestTrace.ClientIdOf(context);
        request.Address = context.Connection.RemoteIpAddress?.ToString();
        SecurityHeaders.Apply(context);
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            request.Caller = await AuthenticateAsync(context, request);
            limit.CountForCaller(request.Caller, request.Address, isChange: !IsSafe(context.Request.Method));
            request.IdempotencyKey = ReadKey(context);
            using var permits = await limit.AcquireRequestAsync(
                request.Caller,
                request.Address,
                RequestCost.IsExpensive(context),
                context.RequestAborted
            );
            context.Features.Set(permits);
            await next(context);
        }
        else
        {
            request.Caller = Caller.Anonymous;
            if (!IsSafe(context.Request.Method))
            {
                limit.CountForSignIn(request.Address);
            }

            await next(context);
        }
    }

    private async ValueTask<Caller> AuthenticateAsync(HttpContext context, RequestContext request)
    {
        var hasHeader = context.Request.Headers.Authorization.Count > 0;
        var cookie = CallerAuthenticator.CookieOf(context);
        if (await AuthenticateCredentialAsync(context, request) is { } caller)
        {
            request.Caller = caller;
            return cookie is null || IsFromOwnPage(context, cookie)
                ? caller
                : throw new ForbiddenException(
                    ErrorCode.CsrfTokenMissing,
                    "A request of a session that changes something must send the csrf_token (GET /api/v1/session) in X-CSRF-Token; a WebSocket must come from a page of this site."
                );
        }

        if (!hasHeader && options.AnonymousRead && IsSafe(context.Request.Method))
        {
            return Caller.Anonymous;
        }

        limit.CountForAddress(request.Address);
        throw !hasHeader && cookie is null
            ? new UnauthenticatedException("This request needs a credential: Authorization: Bearer …")
            : new UnauthenticatedException("The credential is not valid, expired or revoked.", "unknown, expired or revoked credential");
    }

    private async ValueTask<Caller?> AuthenticateCredentialAsync(HttpContext context, RequestContext request)
    {
        try
        {
            return await authenticator.AuthenticateAsync(context, isUse: true);
        }
        catch (UnauthenticatedException)
        {
            limit.CountForAddress(request.Address);
            throw;
        }
    }

    // Browsers send the cookie with requests of any site, so changes require the CSRF token, which only Wombat's own page has. A page of
    // any site can open a WebSocket and read it, so those are checked too: they cannot carry the header, but have an Origin.
    private bool IsFromOwnPage(HttpContext context, string cookie) =>
        context.WebSockets.IsWebSocketRequest
            ? IsOwnOrigin(context) || HasCsrfToken(context, cookie)
            : IsSafe(context.Request.Method) || HasCsrfToken(context, cookie);

    private bool IsOwnOrigin(HttpContext context) =>
        Uri.TryCreate(context.Request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
        && (
            origin.Authority == context.Request.Host.Value
            || Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var own) && origin.Authority == own.Authority
        );

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private bool HasCsrfToken(HttpContext context, string cookie) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(context.Request.Headers["X-CSRF-Token"].ToString()),
            Encoding.UTF8.GetBytes(sessions.CsrfToken(cookie))
        );

    private static string? ReadKey(HttpContext context)
    {
        // Generated clients send an empty header if they have no key.
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        return key.Length == 0 ? null
            : key.Length <= MaxIdempotencyKey && key.All(c => c is > ' ' and < (char)127) ? key
            : throw new InvalidInputException(
                "Idempotency-Key",
                $"must be 1 to {MaxIdempotencyKey} printable ASCII characters without spaces"
            );
    }
}

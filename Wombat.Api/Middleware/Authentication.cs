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
/// The door: only endpoints that say AllowAnonymous open without a credential; everything else, unknown paths too,
/// answers 401. What the caller may do is decided behind it, by the messages' declared permissions.
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
            limit.TakeForCaller(request.Caller, request.Address, isChange: !IsSafe(context.Request.Method));
            request.IdempotencyKey = ReadKey(context);
            using var place = await limit.EnterAsync(
                request.Caller,
                request.Address,
                RequestCost.IsExpensive(context),
                context.RequestAborted
            );
            context.Features.Set(place);
            await next(context);
        }
        else
        {
            request.Caller = Caller.Anonymous;
            if (!IsSafe(context.Request.Method))
            {
                limit.TakeForSignIn(request.Address);
            }

            await next(context);
        }
    }

    private async ValueTask<Caller> AuthenticateAsync(HttpContext context, RequestContext request)
    {
        var hasHeader = context.Request.Headers.Authorization.Count > 0;
        var cookie = CallerAuthenticator.CookieOf(context);
        if (await OfCredentialAsync(context, request) is { } caller)
        {
            request.Caller = caller;
            return cookie is null || IsOfOwnPage(context, cookie)
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

        limit.TakeForAddress(request.Address);
        throw !hasHeader && cookie is null
            ? new UnauthenticatedException("This request needs a credential: Authorization: Bearer …")
            : new UnauthenticatedException("The credential is not valid, expired or revoked.", "unknown, expired or revoked credential");
    }

    private async ValueTask<Caller?> OfCredentialAsync(HttpContext context, RequestContext request)
    {
        try
        {
            return await authenticator.AuthenticateAsync(context, isUse: true);
        }
        catch (UnauthenticatedException)
        {
            limit.TakeForAddress(request.Address);
            throw;
        }
    }

    // Browsers send the cookie along whoever asks: what another site's page may not do needs what only our own has. They let
    // any page open a WebSocket and read it, so that one counts too; it can carry no header, but says where it comes from.
    private bool IsOfOwnPage(HttpContext context, string cookie) =>
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
        // Generated clients send it empty where they are given none.
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        return key.Length == 0 ? null
            : key.Length <= MaxIdempotencyKey && key.All(c => c is > ' ' and < (char)127) ? key
            : throw new InvalidInputException(
                "Idempotency-Key",
                $"must be 1 to {MaxIdempotencyKey} printable ASCII characters without spaces"
            );
    }
}

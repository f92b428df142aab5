using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Wombat.Api.Endpoints;
using Wombat.Api.Errors;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Identity.OpenId;

namespace Wombat.Api.Middleware;

/// <summary>
/// The door: only endpoints that say AllowAnonymous open without a credential; everything else, unknown paths too,
/// answers 401. What the caller may do is decided behind it, by the messages' declared permissions.
/// </summary>
internal sealed class Authentication(RequestDelegate next, TokenAuthenticator tokens, SessionAuthenticator sessions, JwtAuthenticator jwts, RateLimit limit, WombatSettings settings)
{
    private const string Scheme = "Bearer ";
    private const int MaxIdempotencyKey = 255;

    // Errors carry it in their body; this is for what went well and is asked about later.
    private const string TraceHeader = "Trace-Id";

    public async Task InvokeAsync(HttpContext context, RequestContext request)
    {
        request.RequestId = Problems.TraceId(context);
        context.Response.Headers[TraceHeader] = request.RequestId;
        request.Address = context.Connection.RemoteIpAddress?.ToString();
        SecurityHeaders.Apply(context);
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            request.Caller = await RecognizeAsync(context, request);
            limit.TakeForCredential(request.Caller.CredentialId, request.Caller.Name);
            request.IdempotencyKey = ReadKey(context);
        }
        else
        {
            request.Caller = Caller.Anonymous;
            if (!IsSafe(context.Request.Method))
            {
                limit.TakeForAddress(request.Address);
            }
        }

        await next(context);
    }

    private async ValueTask<Caller> RecognizeAsync(HttpContext context, RequestContext request)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var cookie = header.Length == 0 ? context.Request.Cookies[SessionEndpoints.Cookie] : null;
        var caller = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? await OfBearerAsync(header[Scheme.Length..].Trim(), context, request)
            : cookie is not null ? await sessions.AuthenticateAsync(cookie, context.RequestAborted)
            : null;
        if (caller is not null)
        {
            request.Caller = caller;
            return cookie is null || IsSafe(context.Request.Method) || HasCsrfToken(context, cookie)
                ? caller
                : throw new ForbiddenException("csrf_token_missing", "A session's changes carry its csrf_token (GET /api/v1/session) in the header X-CSRF-Token.");
        }

        if (header.Length == 0 && settings.Sessions.AnonymousRead && IsSafe(context.Request.Method))
        {
            return Caller.Anonymous;
        }

        limit.TakeForAddress(request.Address);
        throw header.Length == 0 && cookie is null
            ? new UnauthenticatedException("This needs a credential: Authorization: Bearer …")
            : new UnauthenticatedException("The credential is not valid, expired or revoked.", "unknown, expired or revoked credential");
    }

    private async ValueTask<Caller?> OfBearerAsync(string token, HttpContext context, RequestContext request)
    {
        try
        {
            return jwts.IsFor(token) ? await jwts.AuthenticateAsync(token, context.RequestAborted) : await tokens.AuthenticateAsync(token, context.RequestAborted);
        }
        catch (UnauthenticatedException)
        {
            limit.TakeForAddress(request.Address);
            throw;
        }
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool HasCsrfToken(HttpContext context, string cookie) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(context.Request.Headers["X-CSRF-Token"].ToString()), Encoding.UTF8.GetBytes(SessionAuthenticator.CsrfToken(cookie)));

    private static string? ReadKey(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue("Idempotency-Key", out var header) || header.Count == 0)
        {
            return null;
        }

        var key = header.ToString();
        return key.Length is > 0 and <= MaxIdempotencyKey && key.All(c => c is > ' ' and < (char)127)
            ? key
            : throw new InvalidInputException("Idempotency-Key", $"must be 1 to {MaxIdempotencyKey} printable ASCII characters without spaces");
    }
}

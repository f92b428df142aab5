using Microsoft.AspNetCore.Authorization;
using Wombat.Api.Errors;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Identity;

namespace Wombat.Api.Middleware;

/// <summary>
/// The door: only endpoints that say AllowAnonymous open without a credential; everything else, unknown paths too,
/// answers 401. What the caller may do is decided behind it, by the messages' declared permissions.
/// </summary>
internal sealed class Authentication(RequestDelegate next, TokenAuthenticator authenticator)
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
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            var header = context.Request.Headers.Authorization.ToString();
            var caller = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? await authenticator.AuthenticateAsync(header[Scheme.Length..].Trim(), context.RequestAborted)
                : null;
            if (caller is null)
            {
                throw header.Length == 0
                    ? new UnauthenticatedException("This needs a credential: Authorization: Bearer …")
                    : new UnauthenticatedException("The credential is not valid, expired or revoked.", "unknown, expired or revoked credential");
            }

            request.Caller = caller;
            request.IdempotencyKey = ReadKey(context);
        }

        await next(context);
    }

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

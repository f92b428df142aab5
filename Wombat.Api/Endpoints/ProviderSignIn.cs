using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Errors;
using Wombat.Api.Http;
using Wombat.Api.Middleware;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;

namespace Wombat.Api.Endpoints;

/// <summary>
/// Redirects the browser to the OpenID provider and handles its return. The values that the response must match are stored in an encrypted
/// cookie, so that any replica can handle the return.
/// </summary>
internal static class ProviderSignIn
{
    // Each sign-in in progress has its own cookie, because several tabs may start one. Its name is this prefix, the start time and the
    // beginning of its state.
    private const string CookiePrefix = "wombat_oidc.";
    private const int MaxPending = 5;
    private const int StateLength = 16;

    private static readonly TimeSpan AttemptLifetime = TimeSpan.FromMinutes(15);

    [RendersHtmlErrors]
    public static async Task<IResult> BeginAsync(
        [FromQuery(Name = "return_to")] string? returnTo,
        HttpContext http,
        IMediator mediator,
        IDataProtectionProvider protection,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var target = returnTo ?? "/";
        if (!IsLocal(target))
        {
            throw new InvalidInputException("return_to", "must be a path of this site, beginning with /");
        }

        var begun = await mediator.Send(new BeginProviderSignIn(), cancel);
        foreach (var old in PendingCookies(http).OrderDescending(StringComparer.Ordinal).Skip(MaxPending - 1))
        {
            http.Response.Cookies.Delete(old, SessionCookie.Options(http));
        }

        var options = SessionCookie.Options(http);
        options.MaxAge = AttemptLifetime;
        var name = SessionCookie.Name(http, $"{CookiePrefix}{clock.GetUtcNow().ToUnixTimeSeconds():x10}.{begun.State[..StateLength]}");
        http.Response.Cookies.Append(
            name,
            Protector(protection).Protect(JsonSerializer.Serialize(new Pending(begun, ToAscii(target))), AttemptLifetime),
            options
        );
        return TypedResults.Redirect(begun.Url);
    }

    /// <param name="code">The authorization code, which the provider exchanges for tokens.</param>
    /// <param name="error">The error code if there is no authorization code.</param>
    /// <param name="iss">The issuer of the response (RFC 9207).</param>
    [AllowUnknownQuery]
    [RendersHtmlErrors]
    public static async Task<IResult> CompleteAsync(
        string? code,
        string? state,
        string? error,
        string? iss,
        HttpContext http,
        IMediator mediator,
        IDataProtectionProvider protection,
        CancellationToken cancel
    )
    {
        var cookie = state is { Length: > StateLength }
            ? PendingCookies(http).FirstOrDefault(c => c.EndsWith("." + state[..StateLength], StringComparison.Ordinal))
            : null;
        var pending = cookie is null ? null : Read(http.Request.Cookies[cookie], protection);
        if (cookie is not null)
        {
            http.Response.Cookies.Delete(cookie, SessionCookie.Options(http));
        }

        if (
            pending is null
            || !CryptographicOperations.FixedTimeEquals(
                System.Text.Encoding.UTF8.GetBytes(pending.Request.State),
                System.Text.Encoding.UTF8.GetBytes(state ?? "")
            )
        )
        {
            throw new UnauthenticatedException(
                "This sign-in was started in another browser or has expired. Start again.",
                "the provider's answer has another state"
            );
        }

        var opened = await mediator.Send(
            new CompleteProviderSignIn(new ProviderReturn(code, error, iss), pending.Request, http.Request.Headers.UserAgent.ToString()),
            cancel
        );
        SessionCookie.Set(http, opened);
        return TypedResults.Redirect(pending.ReturnTo);
    }

    private static IEnumerable<string> PendingCookies(HttpContext http)
    {
        var prefix = SessionCookie.Name(http, CookiePrefix);
        return http.Request.Cookies.Keys.Where(c => c.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>The form has one field, the logout token (OpenID Connect Back-Channel Logout).</summary>
    public static async Task<IResult> EndAsync(HttpContext http, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new EndProviderSessions(await ReadTokenAsync(http.Request, cancel)), cancel);
        return TypedResults.Ok();
    }

    private static async Task<string> ReadTokenAsync(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            return request.HasFormContentType && (await request.ReadFormAsync(cancel))["logout_token"].ToString() is { Length: > 0 } token
                ? token
                : throw new InvalidInputException("logout_token", "is required as a form field");
        }
        catch (InvalidDataException)
        {
            throw new InvalidInputException("logout_token", "is required as a form field");
        }
    }

    // Rejects what a browser would treat as another site: //host, /\host, and control characters in between.
    private static bool IsLocal(string path) =>
        path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Any(c => char.IsControl(c) || c == '\\');

    // A header accepts ASCII only. Existing escapes are kept.
    private static string ToAscii(string path)
    {
        var result = new System.Text.StringBuilder(path.Length);
        foreach (var rune in path.EnumerateRunes())
        {
            result.Append(
                rune.Value is > ' ' and < 127 and not ('"' or '<' or '>') ? rune.ToString() : Uri.EscapeDataString(rune.ToString())
            );
        }

        return result.ToString();
    }

    private static Pending? Read(string? cookie, IDataProtectionProvider protection)
    {
        try
        {
            return cookie is null ? null : JsonSerializer.Deserialize<Pending>(Protector(protection).Unprotect(cookie));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider protection) =>
        protection.CreateProtector("oidc sign-in").ToTimeLimitedDataProtector();

    private sealed record Pending(ProviderRequest Request, string ReturnTo);
}

using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Errors;
using Wombat.Api.Middleware;
using Wombat.Application.Directories;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;

namespace Wombat.Api.Endpoints;

/// <summary>The browser's way to the OpenID provider and back. What its return must match travels in a cookie that only Wombat reads, so any replica takes it up.</summary>
internal static class ProviderSignIn
{
    private const string Cookie = "wombat_oidc";
    private const string CookiePath = "/api/v1/session/oidc";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [SeenInBrowser]
    public static async Task<IResult> BeginAsync([FromQuery(Name = "return_to")] string? returnTo, HttpContext http, IMediator mediator, IDataProtectionProvider protection, CancellationToken cancel)
    {
        var target = returnTo ?? "/";
        if (!IsLocal(target))
        {
            throw new InvalidInputException("return_to", "must be a path of this site");
        }

        var begun = await mediator.Send(new BeginProviderSignIn(), cancel);
        var options = SessionEndpoints.CookieUnder(http, CookiePath);
        options.MaxAge = Patience;
        http.Response.Cookies.Append(Cookie, Protector(protection).Protect(JsonSerializer.Serialize(new Pending(begun, target)), Patience), options);
        return TypedResults.Redirect(begun.Url);
    }

    /// <param name="code">What the provider exchanges for tokens.</param>
    /// <param name="error">Why there is no code.</param>
    [TakesAnyQuery]
    [SeenInBrowser]
    public static async Task<IResult> CompleteAsync(string? code, string? state, string? error, HttpContext http, IMediator mediator, IDataProtectionProvider protection, CancellationToken cancel)
    {
        var pending = Read(http.Request.Cookies[Cookie], protection);
        http.Response.Cookies.Delete(Cookie, SessionEndpoints.CookieUnder(http, CookiePath));
        if (pending is null || !CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(pending.Request.State), System.Text.Encoding.UTF8.GetBytes(state ?? "")))
        {
            throw new UnauthenticatedException("This sign-in was not begun in this browser, or too long ago. Begin again.", "the provider's answer has another state");
        }

        if (string.IsNullOrEmpty(code))
        {
            throw new UnauthenticatedException("The OpenID provider did not sign you in.", $"the provider answered {error ?? "without a code"}");
        }

        var opened = await mediator.Send(new CompleteProviderSignIn(code, pending.Request, http.Request.Headers.UserAgent.ToString()), cancel);
        SessionEndpoints.SetCookie(http, opened);
        return TypedResults.Redirect(pending.ReturnTo);
    }

    /// <summary>A form with one field, by OpenID Connect Back-Channel Logout.</summary>
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
                : throw new InvalidInputException("logout_token", "is required, in a form");
        }
        catch (InvalidDataException)
        {
            throw new InvalidInputException("logout_token", "is required, in a form that can be read");
        }
    }

    // Nothing that a browser would take for another site: //host, /\host, tabs in between.
    private static bool IsLocal(string path) => path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Any(c => char.IsControl(c) || c == '\\');

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

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector("oidc sign-in").ToTimeLimitedDataProtector();

    private sealed record Pending(ProviderRequest Request, string ReturnTo);
}

using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Api.Middleware;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Sessions;

namespace Wombat.Api.Endpoints;

internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        var session = api.MapGroup("/session").WithTags("Sessions");
        session
            .MapPost("/", SignInAsync)
            .AllowAnonymous()
            .WithName("SignIn")
            .WithSummary("Sign in by password")
            .WithDescription(
                "Opens a session in the cookie wombat_session. Requests that change something send csrf_token in the header X-CSRF-Token."
            )
            .Produces<Identity>(201)
            .Fails(429);
        session
            .MapGet("/", GetAsync)
            .WithName("GetIdentity")
            .WithSummary("Get the caller's identity")
            .WithDescription("Which user or service account the credential belongs to, and what it allows.")
            .Produces<Identity>();
        session
            .MapGet("/options", GetOptionsAsync)
            .AllowAnonymous()
            .WithName("GetSignInOptions")
            .WithSummary("Get the ways to sign in")
            .WithDescription("What a sign-in page offers, and whether the first admin must still be created with the admin token.")
            .Produces<SignInOptions>();
        session
            .MapDelete("/", SignOutAsync)
            .WithName("SignOut")
            .WithSummary("Sign out")
            .WithDescription("Ends the session of the cookie.")
            .Produces<SignedOut>()
            .Fails(409);
        var provider = session.MapGroup("/oidc").AllowAnonymous();
        provider
            .MapGet("/", ProviderSignIn.BeginAsync)
            .WithName("BeginProviderSignIn")
            .WithSummary("Begin a sign-in at the OpenID provider")
            .WithDescription("For browsers: redirects to the provider.")
            .Produces(302)
            .Fails(409, 503);
        provider
            .MapGet("/callback", ProviderSignIn.CompleteAsync)
            .WithName("CompleteProviderSignIn")
            .WithSummary("Complete a sign-in at the OpenID provider")
            .WithDescription("For browsers: the provider redirects to this address.")
            .Produces(302)
            .Fails(400, 401, 503);
        provider
            .MapPost("/backchannel-logout", ProviderSignIn.EndAsync)
            .WithName("EndProviderSessions")
            .WithSummary("Receive a logout of the OpenID provider")
            .WithDescription("OpenID Connect Back-Channel Logout: the provider says that a session has ended.")
            .Produces(200)
            .Fails(401, 409, 503);
        var ofUser = api.MapGroup("/users/{id}").WithTags("Sessions");
        ofUser
            .MapGet("/sessions", ListAsync)
            .WithName("ListSessions")
            .WithSummary("List sessions of a user")
            .WithDescription("The open sessions of a user.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<SessionDto>>()
            .Fails(404);
        ofUser
            .MapDelete("/sessions/{session_id}", EndAsync)
            .WithName("EndSession")
            .WithSummary("End a session")
            .WithDescription("Signs the user out of one session.")
            .Produces(204)
            .Fails(404);
        ofUser
            .MapPut("/password", SetPasswordAsync)
            .WithName("SetPassword")
            .WithSummary("Set a password")
            .WithDescription("Ends all other sessions of the user. An admin needs no current password to set another user's.")
            .Produces(204)
            .Fails(404, 429);
    }

    private static async Task<IResult> SignInAsync(
        SignInBody body,
        HttpContext http,
        IMediator mediator,
        ISessions sessions,
        CancellationToken cancel
    )
    {
        var device = SessionCookie.ReadDevice(http) ?? SessionCookie.NewDevice();
        var opened = await mediator.Send(new SignIn(body.Login, body.Password, http.Request.Headers.UserAgent.ToString(), device), cancel);
        SessionCookie.Set(http, opened);
        SessionCookie.SetDevice(http, device);
        var identity = await mediator.Send(new GetIdentity(), cancel);
        return TypedResults.Created("/api/v1/session", identity with { CsrfToken = sessions.CsrfToken(opened.Cookie) });
    }

    private static async Task<Identity> GetAsync(HttpContext http, IMediator mediator, ISessions sessions, CancellationToken cancel)
    {
        var identity = await mediator.Send(new GetIdentity(), cancel);
        return identity.Through == "session" ? identity with { CsrfToken = sessions.CsrfToken(SessionCookie.Read(http)!) } : identity;
    }

    // Tells the page whether there is a session without a request that is refused and audited.
    private static async Task<SignInOptions> GetOptionsAsync(
        HttpContext http,
        IMediator mediator,
        ICredentialAuthenticator credentials,
        RateLimit limit,
        CancellationToken cancel
    )
    {
        var cookie = SessionCookie.Read(http);
        var isSignedIn = cookie is not null && await credentials.AuthenticateSessionAsync(cookie, isUse: false, cancel) is not null;
        if (cookie is not null && !isSignedIn)
        {
            limit.CountForAddress(http.Connection.RemoteIpAddress?.ToString());
        }

        return await mediator.Send(new GetSignInOptions(), cancel) with
        {
            SignedIn = isSignedIn,
        };
    }

    private static async Task<SignedOut> SignOutAsync(HttpContext http, IMediator mediator, CancellationToken cancel)
    {
        var ended = await mediator.Send(new SignOut(), cancel);
        SessionCookie.Delete(http);
        return ended;
    }

    private static Task<Page<SessionDto>> ListAsync(Guid id, IMediator mediator, [AsParameters] PageQuery page, CancellationToken cancel) =>
        mediator.Send(new ListSessions(id, page.ToRequest()), cancel);

    private static async Task<IResult> EndAsync(
        Guid id,
        [FromRoute(Name = "session_id")] Guid sessionId,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        await mediator.Send(new EndSession(id, sessionId), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> SetPasswordAsync(Guid id, SetPasswordBody body, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new SetPassword(id, body.CurrentPassword, body.NewPassword), cancel);
        return TypedResults.NoContent();
    }
}

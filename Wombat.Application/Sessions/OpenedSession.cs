namespace Wombat.Application.Sessions;

/// <param name="Cookie">For the browser only; never in a response body.</param>
public sealed record OpenedSession(string Cookie, DateTimeOffset ExpiresAt);

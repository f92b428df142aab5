namespace Wombat.Application.Sessions;

/// <param name="Cookie">For the browser alone; never in a body.</param>
public sealed record OpenedSession(string Cookie, DateTimeOffset ExpiresAt);

namespace Wombat.Application.Sessions;

/// <summary>Makes what a session's cookie holds.</summary>
public interface ISessions
{
    /// <summary>How long a session lasts at most.</summary>
    TimeSpan Lifetime { get; }

    /// <summary>256 random bits, and the hash to store.</summary>
    (string Cookie, byte[] Hash) New();

    /// <summary>The token that requests which change something send beside the cookie. Another site cannot read the cookie, and so cannot compute it.</summary>
    string CsrfToken(string cookie);
}

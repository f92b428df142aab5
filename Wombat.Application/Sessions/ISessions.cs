namespace Wombat.Application.Sessions;

/// <summary>Creates the secrets of sessions.</summary>
public interface ISessions
{
    /// <summary>The maximum lifetime of a session.</summary>
    TimeSpan Lifetime { get; }

    /// <summary>A cookie value of 256 random bits, and the hash to store.</summary>
    (string Cookie, byte[] Hash) New();

    /// <summary>The CSRF token of a session. It is derived from the cookie, which other sites cannot read.</summary>
    string CsrfToken(string cookie);
}

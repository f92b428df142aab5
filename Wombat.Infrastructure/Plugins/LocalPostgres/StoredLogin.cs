namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The login role and password of a user.</summary>
/// <param name="Next">The login that a rotation under way has chosen.</param>
/// <param name="Previous">The role that the last rotation replaced, until it was closed.</param>
internal sealed record StoredLogin(string Role, string Password, StoredLogin? Next = null, string? Previous = null)
{
    // A record's default ToString would print the password.
    public override string ToString() => Role;
}

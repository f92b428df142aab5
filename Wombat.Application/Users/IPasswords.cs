namespace Wombat.Application.Users;

/// <summary>Turns passwords into what may be stored, by a slow, salted function.</summary>
public interface IPasswords
{
    string Hash(string password);

    /// <summary>Takes as long whether <paramref name="hash"/> is there or not, so that time tells nothing of who exists.</summary>
    bool Verify(string? hash, string password);

    /// <summary>What is wrong with it as a new password, in words; null when nothing.</summary>
    /// <param name="context">Words that it must not hold, such as the login.</param>
    string? Objection(string password, params string?[] context);
}

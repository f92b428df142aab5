namespace Wombat.Application.Users;

/// <summary>Hashes passwords with a slow, salted function.</summary>
public interface IPasswords
{
    string Hash(string password);

    /// <summary>Takes the same time with and without a <paramref name="hash"/>, so that timing does not reveal which users exist.</summary>
    bool Verify(string? hash, string password);

    /// <summary>Why it is not accepted as a new password; null when it is.</summary>
    /// <param name="context">Words that it must not contain, such as the login.</param>
    string? Objection(string password, params string?[] context);
}

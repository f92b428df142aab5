using Wombat.Domain.Common;

namespace Wombat.Application.Sessions;

/// <summary>
/// Slows down password guessing, per account (existing or not) and per address. Addresses and devices from which the owner of the
/// account has signed in before have separate counters, so that strangers cannot lock the owner out. Shared by all replicas.
/// </summary>
public interface ISignInAttempts
{
    /// <summary>Counts the attempt as failed before it is made, so that parallel attempts are all counted.</summary>
    /// <param name="account">The user's id, or the normalized login of an unknown user.</param>
    /// <exception cref="TooManyRequestsException">The account or address must wait; the password must not be checked.</exception>
    Task<SignInAttempt> BeginAsync(string account, SignInOrigin origin, CancellationToken cancel);

    /// <summary>Counts the attempt for another account too, when the login turns out to be that user's.</summary>
    /// <exception cref="TooManyRequestsException">The account must wait; the password must not be checked.</exception>
    Task<SignInAttempt> AddAccountAsync(SignInAttempt attempt, string account, CancellationToken cancel);

    /// <summary>Clears the failures of the account and the attempt of the address, and remembers the origin of the owner.</summary>
    Task SucceededAsync(SignInAttempt attempt, string account, CancellationToken cancel);

    /// <summary>Removes the attempt, because the password was not checked.</summary>
    Task UndoAsync(SignInAttempt attempt, CancellationToken cancel);
}

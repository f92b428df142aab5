using Wombat.Domain.Common;

namespace Wombat.Application.Sessions;

/// <summary>
/// Slows down who guesses passwords: per account, whether it exists or not, and per address. Addresses and devices from which
/// the account's owner has signed in before have counters of their own, so that strangers cannot lock the owner out. Held on
/// every replica.
/// </summary>
public interface ISignInAttempts
{
    /// <summary>Counts the attempt as failed before it is made, so that guesses at the same moment are counted each.</summary>
    /// <param name="account">The user's id; of unknown users the normalized login.</param>
    /// <exception cref="TooManyRequestsException">The account or the address has to wait; nothing may be tried.</exception>
    Task<SignInAttempt> BeginAsync(string account, SignInOrigin origin, CancellationToken cancel);

    /// <summary>Counts the attempt at another account too, whose user the login turned out to mean.</summary>
    /// <exception cref="TooManyRequestsException">The account has to wait; nothing may be tried.</exception>
    Task<SignInAttempt> AlsoAtAsync(SignInAttempt attempt, string account, CancellationToken cancel);

    /// <summary>Forgets the accounts' failures and the attempt of the address, and remembers where the account's owner came from.</summary>
    Task SucceededAsync(SignInAttempt attempt, string account, CancellationToken cancel);

    /// <summary>Forgets the attempt, since nobody has looked at its password.</summary>
    Task TakeBackAsync(SignInAttempt attempt, CancellationToken cancel);
}

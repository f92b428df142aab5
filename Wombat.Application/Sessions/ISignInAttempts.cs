using Wombat.Domain.Common;

namespace Wombat.Application.Sessions;

/// <summary>Slows down who guesses passwords: per login, whether it exists or not, and per address. Held on every replica.</summary>
public interface ISignInAttempts
{
    /// <summary>Counts the attempt as failed before it is made, so that guesses at the same moment are counted each.</summary>
    /// <exception cref="TooManyRequestsException">The login or the address has to wait; nothing may be tried.</exception>
    Task BeginAsync(string login, string? address, CancellationToken cancel);

    /// <summary>Forgets the login's failures, and the attempt of the address.</summary>
    Task SucceededAsync(string login, string? address, CancellationToken cancel);

    /// <summary>Forgets the attempt, since nobody has looked at its password.</summary>
    Task TakeBackAsync(string login, string? address, CancellationToken cancel);
}

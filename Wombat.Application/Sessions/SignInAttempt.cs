namespace Wombat.Application.Sessions;

/// <summary>A counted sign-in attempt.</summary>
public sealed record SignInAttempt(SignInOrigin Origin, IReadOnlyList<SignInCounter> Counters);

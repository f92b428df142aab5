namespace Wombat.Application.Sessions;

/// <summary>An attempt that is counted.</summary>
public sealed record SignInAttempt(SignInOrigin Origin, IReadOnlyList<SignInCounter> Counters);

namespace Wombat.Application.Sessions;

/// <param name="Subject">The account or address whose failures are counted.</param>
/// <param name="Free">The number of failures before the first wait.</param>
/// <param name="IsAccount">Whether a successful sign-in resets the counter.</param>
public sealed record SignInCounter(string Subject, int Free, bool IsAccount);

namespace Wombat.Application.Sessions;

/// <param name="Subject">Whose failures are counted.</param>
/// <param name="Free">Failures before the first wait.</param>
/// <param name="IsOfAccount">Whether a success forgets them all.</param>
public sealed record SignInCounter(string Subject, int Free, bool IsOfAccount);

namespace Wombat.Application.Audit;

/// <summary>The result of verifying the audit.</summary>
/// <param name="Intact">Whether every link and every signature is valid.</param>
/// <param name="Events">How many events were verified.</param>
/// <param name="FromPosition">The position of the first retained event.</param>
/// <param name="ToPosition">The position of the last event that was verified.</param>
/// <param name="Heads">How many signatures were verified.</param>
/// <param name="Broken">The first invalid link; null if all are valid.</param>
public sealed record AuditVerification(bool Intact, long Events, long FromPosition, long ToPosition, int Heads, BrokenLink? Broken);

namespace Wombat.Application.Databases;

/// <summary>Gives a user of a database a new password. The arguments of the operation.</summary>
/// <param name="User">Null for the database's own user.</param>
/// <param name="EndSessions">Whether open sessions of the user are ended afterwards.</param>
public sealed record RotateCredentials(string? User, bool EndSessions);

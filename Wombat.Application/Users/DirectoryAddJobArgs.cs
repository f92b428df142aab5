namespace Wombat.Application.Users;

/// <param name="UserId">Whom to add.</param>
public sealed record DirectoryAddJobArgs(Guid UserId);

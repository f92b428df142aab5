namespace Wombat.Application.Users;

/// <param name="UserId">The user to add.</param>
public sealed record DirectoryAddJobArgs(Guid UserId);

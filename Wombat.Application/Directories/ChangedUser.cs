using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>A stored user who differs from the directory, with the new values.</summary>
/// <param name="Login">The new login; null if it does not change.</param>
internal sealed record ChangedUser(KnownUser Known, string? Login, UserProfile Profile);

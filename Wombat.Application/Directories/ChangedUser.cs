using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>A known user who differs, and how it will be.</summary>
/// <param name="Login">Null where it stays.</param>
internal sealed record ChangedUser(KnownUser Known, string? Login, UserProfile Profile);

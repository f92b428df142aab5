using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>A user who comes from the directory, as stored in Wombat.</summary>
internal sealed record KnownUser(Guid Id, string Subject, string Login, UserProfile Profile, DateTimeOffset? VanishedAt);

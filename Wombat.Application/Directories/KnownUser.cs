using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>A user whom the directory made, as Wombat knows it.</summary>
internal sealed record KnownUser(Guid Id, string Subject, string Login, UserProfile Profile, DateTimeOffset? VanishedAt);

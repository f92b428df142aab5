namespace Wombat.Domain.Access;

/// <summary>Who did something, or asked for it.</summary>
/// <param name="Name">As it was then: directories rename people, and projects name their tokens alike.</param>
/// <param name="Id">The user, or the token that is no user's; null for Wombat itself, and for nobody.</param>
public sealed record Actor(string Name, Guid? Id = null);

namespace Wombat.Domain.Access;

/// <summary>Who did or requested something.</summary>
/// <param name="Name">The name at that time. Names can change, and tokens of different projects can have the same name.</param>
/// <param name="Id">The id of the user, or of the token without a user; null for Wombat itself and for anonymous callers.</param>
public sealed record Actor(string Name, Guid? Id = null);

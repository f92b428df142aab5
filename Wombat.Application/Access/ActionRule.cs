using Wombat.Domain.Access;

namespace Wombat.Application.Access;

/// <summary>Something that a caller can do with an item of an answer.</summary>
/// <param name="Name">The name in the item's list of actions.</param>
/// <param name="Permission">The permission that the caller needs.</param>
/// <param name="IsPossible">Whether the item's state allows it.</param>
public sealed record ActionRule<T>(string Name, Permission Permission, Func<T, bool> IsPossible);

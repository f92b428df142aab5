namespace Wombat.Domain.Containers;

/// <summary>Public keys that come with a request, and the user or token who gives them.</summary>
public sealed record GivenKeys(IReadOnlyCollection<string> Lines, Guid? OwnerId);

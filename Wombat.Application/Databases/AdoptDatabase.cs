namespace Wombat.Application.Databases;

/// <summary>Takes over values that were changed outside Wombat. The arguments of the operation.</summary>
/// <param name="Fields">The fields of the differences to take over; null for all.</param>
public sealed record AdoptDatabase(IReadOnlyList<string>? Fields);

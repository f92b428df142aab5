namespace Wombat.Domain.Databases;

/// <summary>What a provider says about a change before it is made.</summary>
/// <param name="Objections">What prevents or weakens it.</param>
/// <param name="Downtime">Whether clients are disconnected, or cannot use the database for a time.</param>
public sealed record DatabaseChangeEffect(IReadOnlyList<DatabaseObjection> Objections, bool Downtime);

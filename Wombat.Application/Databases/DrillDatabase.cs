namespace Wombat.Application.Databases;

/// <summary>Restores the newest backup of a database into a throw-away one on trial. The arguments of the operation.</summary>
public sealed record DrillDatabase();

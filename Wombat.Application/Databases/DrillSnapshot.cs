using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>The data of an event about a restore drill.</summary>
public sealed record DrillSnapshot(string Name, DrillReport Drill);

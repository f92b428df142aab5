namespace Wombat.Application.Databases;

/// <summary>What a database contains, counted.</summary>
/// <param name="Tables">The number of tables that were read.</param>
/// <param name="Rows">The number of their rows.</param>
public sealed record DatabaseContents(int Tables, long Rows);
